//! From a file somebody sent to pictures of our own: pure, no files, no database.
//!
//! The kind is read from the first bytes and the size from the header, before anything is decoded;
//! decoding runs under limits of memory. What comes out was encoded here from bare pixels, so no
//! metadata and no trick of the file survives.

use std::io::Cursor;

use image::DynamicImage;
use image::ImageDecoder;
use image::ImageFormat;
use image::ImageReader;
use image::Limits;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;

use crate::catalog::PosterVersion;
use crate::kernel::Note;

/// The largest file that is looked at.
pub const MAX_POSTER_BYTES: usize = 10 * 1024 * 1024;
/// The most pixels that are decoded: 40 megapixels.
const MAX_PIXELS: u64 = 40_000_000;
/// The most memory a decoder may take: 40 megapixels of four bytes, and half as much again.
const MAX_DECODER_BYTES: u64 = 240 * 1024 * 1024;
/// The smallest side to side that still looks like a poster, in pixels.
const LEAST_WIDTH: u32 = 200;
/// Quality of the pictures we make; nothing to see from 80 on.
const JPEG_QUALITY: u8 = 82;
/// What shows behind transparent parts: the ground of the shop.
const GROUND: [u8; 3] = [0x14, 0x11, 0x0f];

/// Why a file is no poster, in words for the person who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureFault {
    /// Nothing was chosen.
    #[error("Please choose a picture.")]
    Empty,
    /// Not one of the three kinds.
    #[error("This file is not a JPEG, PNG or WebP picture.")]
    Kind,
    /// The file is too long.
    #[error("The picture must not be larger than 10 MiB.")]
    TooLong,
    /// Too many pixels.
    #[error("The picture has {0} × {1} pixels; at most 40 megapixels are taken.")]
    TooLarge(u32, u32),
    /// Too few pixels.
    #[error("The picture has {0} × {1} pixels; a poster needs at least 200 × 300.")]
    TooSmall(u32, u32),
    /// The header is fine, the rest is not.
    #[error("The picture is damaged and cannot be read.")]
    Damaged,
}

impl From<PictureFault> for Note {
    fn from(fault: PictureFault) -> Self {
        match fault {
            PictureFault::Empty => Self::new("fault-please-choose-a-picture"),
            PictureFault::Kind => Self::new("fault-this-file-is-not-a"),
            PictureFault::TooLong => Self::new("fault-the-picture-must-not-be"),
            PictureFault::TooLarge(a, b) => Self::new("fault-the-picture-has-pixels-at")
                .with("a", i64::from(a))
                .with("b", i64::from(b)),
            PictureFault::TooSmall(a, b) => Self::new("fault-the-picture-has-pixels-a")
                .with("a", i64::from(a))
                .with("b", i64::from(b)),
            PictureFault::Damaged => Self::new("fault-the-picture-is-damaged-and"),
        }
    }
}

/// The pictures of one poster, in the order of [`PosterVersion::WIDTHS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pictures(pub(super) Vec<Vec<u8>>);

/// What is known of a file before it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    format: ImageFormat,
    width: u32,
    height: u32,
}

/// Looks at kind and size of a file, without decoding it: milliseconds, whatever was sent.
pub(super) fn inspect(file: &[u8]) -> Result<Header, PictureFault> {
    if file.is_empty() {
        return Err(PictureFault::Empty);
    }
    if file.len() > MAX_POSTER_BYTES {
        return Err(PictureFault::TooLong);
    }
    let format = match image::guess_format(file) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) => format,
        _ => return Err(PictureFault::Kind),
    };
    let reader = ImageReader::with_format(Cursor::new(file), format);
    let (width, height) = reader
        .into_dimensions()
        .map_err(|_| PictureFault::Damaged)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureFault::TooLarge(width, height));
    }
    if width.min(height) < LEAST_WIDTH || width.max(height) < LEAST_WIDTH * 3 / 2 {
        return Err(PictureFault::TooSmall(width, height));
    }
    Ok(Header {
        format,
        width,
        height,
    })
}

/// Decodes an inspected file and makes the pictures of a poster: cut to two by three around the
/// middle, in every width.
pub(super) fn pictures(file: &[u8], header: Header) -> Result<Pictures, PictureFault> {
    let decoded = decode(file, header).map_err(|_| PictureFault::Damaged)?;
    let [small, middle, large] = PosterVersion::WIDTHS;
    let largest = fill(&decoded, large);
    drop(decoded); // up to 160 MB
    let pictures = [fill(&largest, small), fill(&largest, middle), largest];
    let encoded: Result<Vec<_>, _> = pictures.iter().map(encode).collect();
    encoded.map(Pictures).map_err(|_| PictureFault::Damaged)
}

fn decode(file: &[u8], header: Header) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(file), header.format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(header.width);
    limits.max_image_height = Some(header.height);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut decoded = DynamicImage::from_decoder(decoder)?;
    decoded.apply_orientation(orientation);
    Ok(decoded)
}

fn fill(picture: &DynamicImage, width: u32) -> DynamicImage {
    picture.resize_to_fill(width, width * 3 / 2, FilterType::CatmullRom)
}

fn encode(picture: &DynamicImage) -> image::ImageResult<Vec<u8>> {
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY);
    on_ground(picture).write_with_encoder(encoder)?;
    Ok(file)
}

/// The picture without transparency.
fn on_ground(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, alpha] = rgba.get_pixel(x, y).0;
        let mix = |over: u8, under: u8| {
            let alpha = u32::from(alpha);
            let mixed = (u32::from(over) * alpha + u32::from(under) * (255 - alpha)) / 255;
            u8::try_from(mixed).expect("a mean of two bytes is a byte")
        };
        image::Rgb([mix(r, GROUND[0]), mix(g, GROUND[1]), mix(b, GROUND[2])])
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use image::RgbaImage;
    use proptest::prelude::*;
    use std::time::Instant;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x % 256) as u8, (y % 256) as u8, 90])
        });
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    fn made(file: &[u8]) -> Result<Pictures, PictureFault> {
        pictures(file, inspect(file)?)
    }

    /// A PNG of a few bytes whose header promises any size.
    fn bomb(width: u32, height: u32) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        png.extend(width.to_be_bytes());
        png.extend(height.to_be_bytes());
        png.extend([8, 6, 0, 0, 0]);
        let crc = crc32(&png[12..]);
        png.extend(crc.to_be_bytes());
        png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82");
        png
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| {
                if c & 1 == 1 {
                    c >> 1 ^ 0xedb8_8320
                } else {
                    c >> 1
                }
            })
        };
        !bytes.iter().fold(u32::MAX, step)
    }

    #[test]
    fn every_kind_becomes_three_pictures_of_two_by_three() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let Pictures(made) = made(&file(900, 500, format)).unwrap();
            for (width, picture) in PosterVersion::WIDTHS.into_iter().zip(made) {
                assert_eq!(image::guess_format(&picture).unwrap(), ImageFormat::Jpeg);
                let reader = ImageReader::with_format(Cursor::new(&picture), ImageFormat::Jpeg);
                assert_eq!(reader.into_dimensions().unwrap(), (width, width * 3 / 2));
            }
        }
    }

    #[test]
    fn a_bomb_is_refused_before_anything_is_decoded() {
        let started = Instant::now();
        let huge = bomb(100_000, 100_000);
        assert_eq!(
            inspect(&huge),
            Err(PictureFault::TooLarge(100_000, 100_000))
        );
        assert!(inspect(&bomb(u32::MAX >> 1, 1)).is_err());
        assert!(
            started.elapsed().as_millis() < 50,
            "{:?}",
            started.elapsed()
        );
        assert_eq!(
            made(&bomb(6_000, 6_000)),
            Err(PictureFault::Damaged),
            "within the limits"
        );
    }

    #[test]
    fn what_is_no_picture_is_named() {
        assert_eq!(inspect(b""), Err(PictureFault::Empty));
        assert_eq!(inspect(b"MZ\x90 not a picture"), Err(PictureFault::Kind));
        assert_eq!(
            inspect(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            Err(PictureFault::Kind)
        );
        assert_eq!(
            inspect(b"GIF89a\x01\0\x01\0\0\0\0"),
            Err(PictureFault::Kind)
        );
        assert_eq!(inspect(b"\xff\xd8\xff\xe0"), Err(PictureFault::Damaged));
        assert_eq!(
            inspect(&file(199, 400, ImageFormat::Png)),
            Err(PictureFault::TooSmall(199, 400))
        );
        let long = vec![0; MAX_POSTER_BYTES + 1];
        assert_eq!(inspect(&long), Err(PictureFault::TooLong));
        let whole = file(400, 600, ImageFormat::Jpeg);
        assert!(made(&whole[..whole.len() / 2]).is_ok() || made(&whole[..200]).is_err());
    }

    #[test]
    fn no_metadata_survives() {
        let mut jpeg = file(400, 600, ImageFormat::Jpeg);
        let secret = b"Exif\0\0 taken at 52.5200 N 13.4050 E";
        let mut exif = vec![0xff, 0xe1];
        exif.extend(u16::try_from(secret.len() + 2).unwrap().to_be_bytes());
        exif.extend(secret);
        jpeg.splice(2..2, exif);
        for picture in made(&jpeg).unwrap().0 {
            assert!(!picture.windows(4).any(|part| part == b"Exif"));
        }
    }

    #[test]
    fn transparent_parts_show_the_ground() {
        let clear = DynamicImage::ImageRgba8(RgbaImage::new(2, 2));
        assert_eq!(on_ground(&clear).get_pixel(0, 0).0, GROUND);
        let mut half = RgbaImage::new(1, 1);
        half.put_pixel(0, 0, image::Rgba([255, 255, 255, 255]));
        assert_eq!(
            on_ground(&DynamicImage::ImageRgba8(half)).get_pixel(0, 0).0,
            [255; 3]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn a_damaged_file_is_refused_or_drawn_but_never_breaks(
            format in prop::sample::select(vec![ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP]),
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
        ) {
            let mut file = file(200, 300, format);
            let place = at.index(file.len());
            file[place] = byte;
            let length = cut.index(file.len() * 4).min(file.len());
            let file = &file[..length];
            if let Ok(header) = inspect(file) {
                let _ = decode(file, header);
            }
        }
    }
}
