//! Names and codec strings (RFC 6381), and which of them browsers play.

use super::window::Numbers;
use crate::packaging::model::Codec;

/// H.264 from its configuration record: browsers play 8-bit 4:2:0, so profiles up to High.
pub(super) fn avc(format: &str, record: &[u8]) -> Option<Codec> {
    let (profile, flags, level) = (record.u8_at(1)?, record.u8_at(2)?, record.u8_at(3)?);
    let string = format!("{format}.{profile:02x}{flags:02x}{level:02x}");
    Some(match profile {
        66 => Codec::known("H.264 (Baseline)", string),
        77 => Codec::known("H.264 (Main)", string),
        100 => Codec::known("H.264 (High)", string),
        110 => Codec::unplayable("H.264 in the profile High 10"),
        122 => Codec::unplayable("H.264 in the profile High 4:2:2"),
        244 => Codec::unplayable("H.264 in the profile High 4:4:4"),
        other => Codec::unplayable(format!("H.264 in the profile {other}")),
    })
}

/// VP9 from its configuration record; profiles 0 and 2 are 4:2:0.
pub(super) fn vp9(record: &[u8]) -> Option<Codec> {
    let (profile, level) = (record.u8_at(4)?, record.u8_at(5)?);
    let depth = record.u8_at(6)? >> 4;
    Some(match profile {
        0 | 2 => Codec::known("VP9", format!("vp09.{profile:02}.{level:02}.{depth:02}")),
        other => Codec::unplayable(format!("VP9 in the profile {other}")),
    })
}

/// AV1 from its configuration record; the Main profile is what browsers play.
pub(super) fn av1(record: &[u8]) -> Option<Codec> {
    let (first, second) = (record.u8_at(1)?, record.u8_at(2)?);
    let (profile, level) = (first >> 5, first & 31);
    let tier = if second & 0x80 == 0 { 'M' } else { 'H' };
    let depth = match (second & 0x40 != 0, second & 0x20 != 0) {
        (false, _) => 8,
        (true, false) => 10,
        (true, true) => 12,
    };
    Some(match profile {
        0 => Codec::known("AV1", format!("av01.0.{level:02}{tier}.{depth:02}")),
        1 => Codec::unplayable("AV1 in the profile High"),
        _ => Codec::unplayable("AV1 in the profile Professional"),
    })
}

/// MPEG audio from an elementary stream descriptor.
pub(super) fn mpeg_audio(descriptor: &[u8]) -> Option<Codec> {
    let (object, config) = elementary_stream(descriptor)?;
    Some(match object {
        0x40 => {
            let first = config.and_then(|config| config.u16_at(0)).unwrap_or(0x1000);
            let kind = match first >> 11 {
                31 => 32 + (first >> 5 & 63),
                kind => kind,
            };
            match kind {
                2 => Codec::known("AAC", "mp4a.40.2"),
                5 => Codec::known("HE-AAC", "mp4a.40.5"),
                29 => Codec::known("HE-AAC v2", "mp4a.40.29"),
                other => Codec::unplayable(format!("MPEG-4 audio of the kind {other}")),
            }
        }
        0x66..=0x68 => Codec::known("AAC", format!("mp4a.{object:02x}")),
        0x69 | 0x6B => Codec::known("MP3", "mp3"),
        other => Codec::unplayable(format!("MPEG audio of the kind {other:#04x}")),
    })
}

/// The object type of an `esds`, and its decoder's configuration.
fn elementary_stream(box_body: &[u8]) -> Option<(u8, Option<&[u8]>)> {
    let (tag, stream) = descriptor(box_body.get(4..)?)?; // version and flags
    if tag != 3 {
        return None;
    }
    let flags = stream.u8_at(2)?;
    let mut skip = 3;
    skip += if flags & 0x80 != 0 { 2 } else { 0 };
    skip += if flags & 0x40 != 0 {
        1 + usize::from(stream.u8_at(skip)?)
    } else {
        0
    };
    skip += if flags & 0x20 != 0 { 2 } else { 0 };
    let (tag, decoder) = descriptor(stream.get(skip..)?)?;
    if tag != 4 {
        return None;
    }
    let config = decoder
        .get(13..)
        .and_then(descriptor)
        .filter(|(tag, _)| *tag == 5);
    Some((decoder.u8_at(0)?, config.map(|(_, config)| config)))
}

/// Tag and body of a descriptor; its length takes one to four bytes of seven bits.
fn descriptor(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let tag = bytes.u8_at(0)?;
    let mut length = 0_usize;
    for at in 1..5 {
        let byte = bytes.u8_at(at)?;
        length = length << 7 | usize::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            let body = bytes.get(at + 1..)?;
            return Some((tag, &body[..length.min(body.len())]));
        }
    }
    None
}

/// Sample formats of MP4 and QuickTime that no browser plays, as people call them.
pub(super) fn foreign_format(format: &[u8; 4]) -> Codec {
    let code = String::from_utf8_lossy(format).trim().to_owned();
    let name = match format {
        b"hvc1" | b"hev1" => "HEVC",
        b"dvh1" | b"dvhe" | b"dva1" | b"dvav" => "Dolby Vision",
        b"vvc1" | b"vvi1" => "VVC",
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => "Apple ProRes",
        b"AVdn" | b"AVdh" => "Avid DNxHD",
        b"mp4v" => "MPEG-4 Visual",
        b"jpeg" | b"mjpa" | b"mjpb" | b"mjp2" => "Motion JPEG",
        b"dvc " | b"dvcp" | b"dvpp" | b"dv5n" | b"dv5p" | b"dvh5" | b"dvh6" => "DV",
        b"s263" | b"h263" => "H.263",
        b"rle " | b"png " | b"raw " | b"v210" | b"2vuy" | b"yuv2" => "uncompressed video",
        b"ac-3" => "Dolby Digital",
        b"ec-3" => "Dolby Digital Plus",
        b"ac-4" => "Dolby AC-4",
        b"mlpa" => "Dolby TrueHD",
        b"dtsc" | b"dtsh" | b"dtse" | b"dtsl" => "DTS",
        b"alac" => "Apple Lossless",
        b"samr" | b"sawb" => "AMR",
        b"lpcm" | b"sowt" | b"twos" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"ipcm" | b"fpcm" => {
            "uncompressed PCM"
        }
        _ => return Codec::unplayable(format!("of the unknown format {}", code.escape_default())),
    };
    Codec::unplayable(format!("{name} ({code})"))
}

/// Codecs of Matroska that WebM does not take, as people call them.
pub(super) fn foreign_id(id: &str) -> Codec {
    let name = match id {
        "V_MPEGH/ISO/HEVC" => "HEVC",
        "V_MPEG4/ISO/AVC" => "H.264",
        "V_MPEG1" | "V_MPEG2" => "MPEG-2",
        "V_PRORES" => "Apple ProRes",
        "V_THEORA" => "Theora",
        "V_MS/VFW/FOURCC" | "V_MPEG4/ISO/ASP" => "MPEG-4 Visual",
        "A_AC3" => "Dolby Digital",
        "A_EAC3" => "Dolby Digital Plus",
        "A_TRUEHD" => "Dolby TrueHD",
        "A_FLAC" => "FLAC",
        "A_MPEG/L3" => "MP3",
        id if id.starts_with("A_DTS") => "DTS",
        id if id.starts_with("A_AAC") => "AAC",
        id if id.starts_with("A_PCM") => "uncompressed PCM",
        _ => return Codec::unplayable(format!("of the unknown format {}", id.escape_default())),
    };
    Codec::unplayable(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codec_strings_are_those_of_rfc_6381() {
        let string = |codec: Option<Codec>| codec.unwrap().string;
        assert_eq!(
            string(avc("avc1", &[1, 100, 0, 31])).unwrap(),
            "avc1.64001f"
        );
        assert_eq!(string(avc("avc1", &[1, 122, 0, 31])), None);
        assert_eq!(
            string(vp9(&[1, 0, 0, 0, 0, 31, 0x82])).unwrap(),
            "vp09.00.31.08"
        );
        assert_eq!(
            string(av1(&[0x81, 0x05, 0x0C, 0])).unwrap(),
            "av01.0.05M.08"
        );
        assert_eq!(
            string(av1(&[0x81, 0x08, 0x4C, 0])).unwrap(),
            "av01.0.08M.10"
        );
        assert_eq!(avc("avc1", &[1]), None);
    }

    #[test]
    fn aac_is_read_from_its_descriptor_with_long_and_short_lengths() {
        let short = [
            0, 0, 0, 0, 3, 22, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2,
            0x11, 0x90,
        ];
        assert_eq!(mpeg_audio(&short).unwrap().string.unwrap(), "mp4a.40.2");
        let long = [
            0, 0, 0, 0, 3, 0x80, 0x80, 0x80, 34, 0, 1, 0, 4, 0x80, 0x80, 0x80, 20, 0x40, 0x15, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0x80, 0x80, 0x80, 2, 0x2B, 0x92,
        ];
        assert_eq!(mpeg_audio(&long).unwrap().string.unwrap(), "mp4a.40.5");
        for cut in 0..short.len() {
            let _ = mpeg_audio(&short[..cut]); // never a panic
        }
    }
}
