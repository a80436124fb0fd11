"""A small convolutional network as ONNX, written byte by byte: the protobuf of onnx.proto, as far as it is needed.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, in ONNX's version 8.
"""

import struct
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
FLOAT, INTS = 1, 7  # TensorProto.FLOAT, AttributeProto.INTS
IR_VERSION, OPSET = 8, 13


def chest_model(weights: Mapping[str, Floats]) -> bytes:
    """A network of two convolutions: `image` (1, 1, h, w) becomes `probabilities` (1, number of findings).

    Args:
        weights: `conv1` (8, 1, 3, 3), `conv2` (16, 8, 3, 3), `dense` (16, findings), `bias` (findings,).
    """
    padded = {"pads": [1, 1, 1, 1], "kernel_shape": [3, 3]}
    halved = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        _node("Conv", ["image", "conv1"], "c1", padded),
        _node("Relu", ["c1"], "r1"),
        _node("MaxPool", ["r1"], "p1", halved),
        _node("Conv", ["p1", "conv2"], "c2", padded),
        _node("Relu", ["c2"], "r2"),
        _node("GlobalAveragePool", ["r2"], "pooled"),
        _node("Flatten", ["pooled"], "flat"),
        _node("Gemm", ["flat", "dense", "bias"], "logits"),
        _node("Sigmoid", ["logits"], "probabilities"),
    ]
    graph = b"".join(
        [
            *(_part(1, node) for node in nodes),
            _part(2, b"chest"),
            *(_part(5, _tensor(name, value)) for name, value in weights.items()),
            _part(11, _value("image", [1, 1, "h", "w"])),
            _part(12, _value("probabilities", [1, weights["bias"].size])),
        ]
    )
    return _number(1, IR_VERSION) + _part(7, graph) + _part(8, _part(1, b"") + _number(2, OPSET))


def chest_reference(weights: Mapping[str, Floats], image: Floats) -> Floats:
    """What the network says of an image (h, w), by numpy alone."""
    first = np.maximum(_convolved(image[np.newaxis], weights["conv1"]), 0)
    channels, height, width = first.shape
    pooled = first.reshape(channels, height // 2, 2, width // 2, 2).max(axis=(2, 4))
    second = np.maximum(_convolved(pooled, weights["conv2"]), 0).mean(axis=(1, 2))
    logits = second @ weights["dense"] + weights["bias"]
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def _convolved(image: Floats, kernels: Floats) -> Floats:
    """(channels, h, w) under kernels (outputs, channels, 3, 3), zeros around it."""
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return np.asarray(np.einsum("chwij,ocij->ohw", windows, kernels), dtype=np.float32)


def _node(
    kind: str, inputs: Iterable[str], output: str, numbers: Mapping[str, list[int]] | None = None
) -> bytes:
    ins = b"".join(_part(1, name.encode()) for name in inputs)
    attributes = b"".join(_part(5, _attribute(*item)) for item in (numbers or {}).items())
    return ins + _part(2, output.encode()) + _part(4, kind.encode()) + attributes


def _attribute(name: str, numbers: list[int]) -> bytes:
    values = b"".join(_number(8, value) for value in numbers)
    return _part(1, name.encode()) + values + _number(20, INTS)


def _tensor(name: str, value: Floats) -> bytes:
    dims = b"".join(_number(1, size) for size in value.shape)
    raw = value.astype("<f4").tobytes()
    return dims + _number(2, FLOAT) + _part(8, name.encode()) + _part(9, raw)


def _value(name: str, shape: Iterable[int | str]) -> bytes:
    dims = b"".join(
        _part(1, _part(2, size.encode()) if isinstance(size, str) else _number(1, size))
        for size in shape
    )
    tensor = _number(1, FLOAT) + _part(2, dims)
    return _part(1, name.encode()) + _part(2, _part(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return struct.pack("B", low | 0x80) + _varint(rest) if rest else struct.pack("B", low)
