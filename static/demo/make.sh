#!/usr/bin/env bash
# Makes the three films of the demo from ffmpeg's own sources. Needs ffmpeg and a font.
set -eu
cd "$(dirname "$0")"
serif=${SERIF:-/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf}
out="-c:v libx264 -preset medium -pix_fmt yuv420p -profile:v high -g 48 -c:a aac -b:a 64k -ac 2 -movflags +faststart -map_metadata -1"
line() { # text, from, to, size: a line that fades in and out
  printf "drawtext=fontfile=%s:text='%s':fontsize=%s:fontcolor=white:x=(w-tw)/2:y=(h-th)/2:alpha='if(lt(t,%s),0,if(lt(t,%s+1.5),(t-%s)/1.5,if(lt(t,%s-1.5),1,if(lt(t,%s),(%s-t)/1.5,0))))'" \
    "$serif" "$1" "$4" "$2" "$2" "$2" "$3" "$3" "$3"
}
chord() { # three frequencies, seconds: a slow swell
  printf "aevalsrc='0.10*sin(2*PI*%s*t)*(0.6+0.4*sin(2*PI*t/9))+0.08*sin(2*PI*%s*t)*(0.6+0.4*sin(2*PI*t/11))+0.06*sin(2*PI*%s*t)*(0.5+0.5*sin(2*PI*t/7))|0.10*sin(2*PI*%s*1.003*t)+0.07*sin(2*PI*%s*0.997*t)*(0.6+0.4*cos(2*PI*t/8))':s=48000:d=%s,lowpass=f=1800,afade=t=in:d=3,afade=t=out:st=%s:d=4" \
    "$1" "$2" "$3" "$1" "$2" "$4" "$(($4 - 4))"
}
film() { # name, video filter graph, sound, seconds, quality
  timeout 300 ffmpeg -hide_banner -loglevel error -y -f lavfi -i "$2" -f lavfi -i "$3" -t "$4" -crf "$5" $out "$1.mp4"
}
S=40
film the-tidekeeper "gradients=s=320x180:r=24:n=5:c0=0x071a24:c1=0x0e4a5c:c2=0x1f8a8a:c3=0xe0b870:c4=0x0a2a3a:speed=0.012:x0=0:y0=0:x1=320:y1=180,split[a][b];[b]vflip,eq=brightness=-0.12,gblur=sigma=3[c];[a]crop=320:100:0:0[top];[c]crop=320:80:0:0,geq=lum='lum(X+6*sin(Y/3+T*2),Y)':cb='cb(X+6*sin(Y/3+T*2),Y)':cr='cr(X+6*sin(Y/3+T*2),Y)'[sea];[top][sea]vstack,scale=1280:720:flags=bicubic,vignette=PI/4.5,$(line 'The Tidekeeper' 2 8 76),$(line 'Every evening she lit the lamp.' 12 18 38),$(line 'Every morning the sea returned it.' 22 29 38),$(line 'Halyard Pictures' 33 38 34),fade=t=in:d=2,fade=t=out:st=$((S-2)):d=2" "$(chord 110 164.81 220 $S)" $S 26
film paper-suns "life=s=160x90:r=12:mold=14:ratio=0.18:seed=7:death_color=0x6b2410:life_color=0xffd27a:mold_color=0x2a0f0a,scale=1280:720:flags=bicubic,gblur=sigma=9,fps=24,eq=contrast=1.25:saturation=1.2,vignette=PI/4,$(line 'Paper Suns' 2 8 84),$(line 'They burn for as long as somebody folds them.' 12 19 36),$(line 'A film by Ines Amaro' 23 29 38),$(line 'Halyard Pictures' 33 38 34),fade=t=in:d=2,fade=t=out:st=$((S-2)):d=2" "$(chord 146.83 220 293.66 $S)" $S 38
film night-line "cellauto=s=160x90:r=10:rule=30:seed=11:scroll=1:full=1,scale=1280:720:flags=bicubic,gblur=sigma=7,colorchannelmixer=rr=0.10:gg=0.20:bb=0.42,fps=24,vignette=PI/3.2,drawbox=x=0:y=470:w=iw:h=2:color=0xf2b33d@0.8:t=fill,drawtext=fontfile=$serif:text='▬▬▬▬▬▬▬▬':fontsize=44:fontcolor=0xfff1cf:x='mod(t*300\,1900)-500':y=436,$(line 'Night Line' 2 8 84),$(line 'The last train is always on time.' 12 18 38),$(line 'You are the one who is late.' 22 29 38),$(line 'Ostrava Film' 33 38 34),fade=t=in:d=2,fade=t=out:st=$((S-2)):d=2" "$(chord 98 146.83 196 $S)" $S 31
ls -la *.mp4
