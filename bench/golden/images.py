"""Writes packages/ts-diffusion/test/golden/images.json: PNG files of every kind, and what Pillow makes of them.

    pip install pillow==13.0.0
    python bench/golden/images.py > packages/ts-diffusion/test/golden/images.json

Every colour type of PNG in every bit depth, plain and interlaced, alone and with tRNS, gAMA or iCCP. The files are put
together here, because Pillow does not write most of them. Of each: the file in base64, and the pixels as Pillow's
`convert("RGBA")` gives them, in hexadecimal. Pillow uses neither gAMA nor iCCP, and keeps the upper eight of 16 bits. Pillow compares tRNS
of gray and RGB with samples that are scaled to 8 bits already, so that it misses transparent pixels of 2, 4 and 16 bits;
the alpha of these files is therefore by the PNG specification, section 11.3.1.1: 0 where the sample equals tRNS.

`composited`: pictures with and without alpha, pasted on black, in RGB and as luma (`convert("L")`).
`others`: JPEG and WebP files, and their pixels in RGBA.
"""

import base64
import io
import json
import random
import struct
import sys
import zlib

import PIL
from PIL import Image, ImageCms

WIDTH, HEIGHT = 6, 5
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
NAMES = {GRAY: "gray", RGB: "rgb", PALETTE: "palette", GRAY_ALPHA: "gray-alpha", RGBA: "rgba"}
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
DEPTHS = {GRAY: [1, 2, 4, 8, 16], RGB: [8, 16], PALETTE: [1, 2, 4, 8], GRAY_ALPHA: [8, 16], RGBA: [8, 16]}
# Adam7: first column, first row, step in columns, step in rows.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_row(samples, depth):
    if depth == 16:
        return struct.pack(f">{len(samples)}H", *samples)
    bits = "".join(f"{sample:0{depth}b}" for sample in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def image_data(pixels, depth, interlaced):
    """`pixels[y][x]` is a list of samples; filter type 0 throughout."""
    rows = []
    for first_x, first_y, step_x, step_y in PASSES if interlaced else [(0, 0, 1, 1)]:
        for y in range(first_y, HEIGHT, step_y):
            row = [sample for x in range(first_x, WIDTH, step_x) for sample in pixels[y][x]]
            if row:
                rows.append(b"\0" + packed_row(row, depth))
    return zlib.compress(b"".join(rows), 9)


def linear_profile():
    """sRGB's profile with a gamma of 1: whoever uses it gets other pixels than whoever does not."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = profile.find(b"para", 128 + 4 + 12 * struct.unpack(">I", profile[128:132])[0])
    assert at > 0
    profile[at + 12 : at + 16] = struct.pack(">I", 0x10000)
    return bytes(profile)


def png(colour, depth, interlaced, extra):
    random.seed(f"{colour} {depth}")
    largest = 2**depth - 1
    pixels = [[[random.randint(0, largest) for _ in range(CHANNELS[colour])] for _ in range(WIDTH)] for _ in range(HEIGHT)]
    chunks = [chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, int(interlaced)))]
    if extra == "gAMA":
        chunks.append(chunk(b"gAMA", struct.pack(">I", 100000)))
    if extra == "iCCP":
        chunks.append(chunk(b"iCCP", b"linear\0\0" + zlib.compress(linear_profile(), 9)))
    if colour == PALETTE:
        entries = bytes(random.randint(0, 255) for _ in range(3 * min(256, 2**depth)))
        chunks.append(chunk(b"PLTE", entries))
    if extra == "tRNS":
        if colour == PALETTE:
            data = bytes(random.randint(0, 255) for _ in range(min(256, 2**depth) - 1))
        else:
            # A colour that is there twice: of the first pixel and of the last.
            pixels[-1][-1] = pixels[0][0]
            data = struct.pack(f">{CHANNELS[colour]}H", *pixels[0][0])
        chunks.append(chunk(b"tRNS", data))
    chunks += [chunk(b"IDAT", image_data(pixels, depth, interlaced)), chunk(b"IEND", b"")]
    transparent = pixels[0][0] if extra == "tRNS" and colour != PALETTE else None
    alpha = None if transparent is None else [0 if pixel == transparent else 255 for row in pixels for pixel in row]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks), alpha


def in_rgba(file, alpha=None):
    image = Image.open(io.BytesIO(file))
    image.load()
    if image.mode.startswith("I;16"):
        values = [image.getpixel((x, y)) >> 8 for y in range(HEIGHT) for x in range(WIDTH)]
        image = Image.frombytes("L", image.size, bytes(values))
    pixels = bytearray(image.convert("RGBA").tobytes())
    if alpha is not None:
        pixels[3::4] = bytes(alpha)
    return pixels


def encoded(file):
    return base64.b64encode(file).decode()


def composited(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    on_black = Image.new("RGB", image.size)
    on_black.paste(image.convert("RGB"), mask=image.convert("RGBA").getchannel("A"))
    gray = on_black.convert("L")
    return {"file": encoded(file.getvalue()), "rgb": on_black.tobytes().hex(), "gray": gray.tobytes().hex()}


def other(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    return {"file": encoded(file.getvalue()), "rgba": in_rgba(file.getvalue()).hex()}


def random_image(mode, seed):
    random.seed(seed)
    size = WIDTH * HEIGHT * len(mode)
    return Image.frombytes(mode, (WIDTH, HEIGHT), bytes(random.randint(0, 255) for _ in range(size)))


def main():
    cases = {}
    for colour, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (False, True):
                extras = ["", "gAMA"] + (["tRNS"] if colour in (GRAY, RGB, PALETTE) else [])
                if colour in (RGB, PALETTE, RGBA) and depth >= 8:
                    extras.append("iCCP")
                for extra in extras:
                    name = " ".join(filter(None, [NAMES[colour], str(depth), "interlaced" if interlaced else "", extra]))
                    file, alpha = png(colour, depth, interlaced, extra)
                    cases[name] = {"file": encoded(file), "rgba": in_rgba(file, alpha).hex()}
    json.dump(
        {
            "origin": f"Pillow {PIL.__version__}, bench/golden/images.py",
            "width": WIDTH,
            "height": HEIGHT,
            "cases": cases,
            "composited": {mode: composited(random_image(mode, mode)) for mode in ("L", "LA", "RGBA", "RGB")},
            "others": {
                "jpeg gray": other(random_image("L", "jpeg"), format="JPEG", quality=90),
                "jpeg colour": other(random_image("RGB", "jpeg"), format="JPEG", quality=90, subsampling=0),
                "webp lossless": other(random_image("RGBA", "webp"), format="WEBP", lossless=True, exact=True),
                "webp lossy": other(random_image("RGB", "webp"), format="WEBP", quality=80),
            },
        },
        sys.stdout,
        indent=1,
    )
    print()


main()
