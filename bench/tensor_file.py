"""Safetensors files of float32 and float16 tensors, as our side writes and reads them."""

import json
import math
import struct

import numpy as np
import torch

TYPES = {"F32": np.float32, "F16": np.float16}


def read_safetensors(path):
    """Tensors by name, each of the type in which it is stored, and the metadata."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        count = math.prod(entry["shape"])
        values = np.frombuffer(data, TYPES[entry["dtype"]], count, 8 + length + entry["data_offsets"][0])
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors, metadata


def write_safetensors(path, name, tensor):
    """One tensor, as float32."""
    data = tensor.contiguous().float().numpy().tobytes()
    entry = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [0, len(data)]}
    header = json.dumps({name: entry}).encode()
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + data)
