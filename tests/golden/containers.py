"""Writes safetensors files: an 8-byte little-endian header length, JSON, then float32 values."""

import json
import struct

import numpy


def write(path, tensors, metadata):
    header, offset, parts = {"__metadata__": metadata}, 0, []
    for name, values in tensors.items():
        data = numpy.ascontiguousarray(values, dtype="<f4").tobytes()
        place = [offset, offset + len(data)]
        header[name] = {"dtype": "F32", "shape": list(numpy.shape(values)), "data_offsets": place}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def size(tensors):
    return sum(4 * numpy.size(values) for values in tensors.values())
