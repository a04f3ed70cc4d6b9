"""The network that knows plain marks and how it learns: with what `requirements-train.lock` has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import click
import cv2
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.lax import conv_general_dilated
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper, numpy_helper, save

from benchmarks.shapes.pages import Example
from scan_pipeline.reading.plain import SIDE_PX

CHANNELS = (2, 16, 32, 64)
HIDDEN = 64
DROPPED, SOFTER, BATCH, RATE, DECAY = 0.3, 0.001, 128, 2e-3, 1e-3
SHIFT_PX, LARGER, TURN, LEAN, DARKER, GRAIN = 1.5, 0.06, 0.07, 0.07, 0.35, 0.03
LAID_OUT = ("NHWC", "OIHW", "NHWC")
"""Channels last: twice as fast on a processor."""
Layer = tuple[jax.Array, jax.Array]
"""Weights and biases."""
Net = list[Layer]


def fresh(key: jax.Array) -> Net:
    """Three layers that look at neighbourhoods, each at half the size of the one before, and two
    that look at all of it: small random weights (He et al. 2015)."""
    shapes: list[tuple[int, ...]] = [(out, into, 3, 3) for into, out in pairwise(CHANNELS)]
    shapes += [(CHANNELS[-1] * (SIDE_PX // 8) ** 2, HIDDEN), (HIDDEN, 1)]
    net = []
    for k, shape in zip(jax.random.split(key, len(shapes)), shapes, strict=True):
        fan_in, out = (np.prod(shape[1:]), shape[0]) if len(shape) == 4 else shape
        net.append((jax.random.normal(k, shape) * jnp.sqrt(2 / fan_in), jnp.zeros(int(out))))
    return net


def odds(net: Net, marks: jax.Array, key: jax.Array | None = None) -> jax.Array:
    """(n, 2, side, side) -> (n,): the log odds that each is plain. `key`: for dropping some of what
    the network sees while it learns."""
    seen = marks.transpose(0, 2, 3, 1)
    for weights, bias in net[:3]:
        seen = conv_general_dilated(seen, weights, (1, 1), "SAME", dimension_numbers=LAID_OUT)
        seen = jax.nn.relu(seen + bias)
        many, side, _, channels = seen.shape
        seen = seen.reshape(many, side // 2, 2, side // 2, 2, channels).max((2, 4))
    # As ONNX has it, where channels come first.
    flat = seen.transpose(0, 3, 1, 2).reshape(len(seen), -1)
    if key is not None:
        flat *= jax.random.bernoulli(key, 1 - DROPPED, flat.shape) / (1 - DROPPED)
    (inner, inner_bias), (outer, outer_bias) = net[3:]
    return (jax.nn.relu(flat @ inner + inner_bias) @ outer + outer_bias)[:, 0]


def trained(found: Sequence[Example], rounds: int, seed: int) -> Net:
    """A network fitted to marks by Adam, its steps growing shorter to the end."""
    marks = np.stack([example.picture for example in found]).astype(np.float16)
    truth = np.array([example.is_plain for example in found], np.float32)
    rng, key = np.random.default_rng(seed), jax.random.key(seed)
    steps = rounds * (len(marks) // BATCH)
    method = optax.adamw(optax.cosine_decay_schedule(RATE, steps), weight_decay=DECAY)
    key, first = jax.random.split(key)
    net = fresh(first)
    state = method.init(net)

    def loss(net: Net, marks: jax.Array, truth: jax.Array, key: jax.Array) -> jax.Array:
        soft = truth * (1 - 2 * SOFTER) + SOFTER
        return optax.sigmoid_binary_cross_entropy(odds(net, marks, key), soft).mean()

    @jax.jit
    def step(net, state, marks, truth, key):  # type: ignore[no-untyped-def]
        value, slope = jax.value_and_grad(loss)(net, marks, truth, key)
        change, state = method.update(slope, state, net)
        return optax.apply_updates(net, change), state, value

    for number in range(rounds):
        order, total = rng.permutation(len(marks)), 0.0
        for part in np.split(order, range(BATCH, len(order), BATCH))[:-1]:
            key, use = jax.random.split(key)
            net, state, value = step(net, state, varied(marks[part], rng), truth[part], use)
            total += float(value)
        click.echo(f"round {number + 1}: loss {total / max(1, len(order) // BATCH):.4f}")
    return net


def varied(marks: NDArray[np.float16], rng: np.random.Generator) -> NDArray[np.float32]:
    """The same marks (n, 2, side, side) a little moved, turned, leaning, larger or smaller, darker
    or paler, and grainy; half of them mirrored, as a left hand makes them."""
    seen = np.ascontiguousarray(marks.transpose(0, 2, 3, 1), np.float32)
    moved = np.empty_like(seen)
    middle, size = (SIDE_PX - 1) / 2, np.exp(rng.normal(0, LARGER, len(seen)))
    turn, lean = rng.normal(0, (TURN, LEAN), (len(seen), 2)).T
    shift = rng.normal(0, SHIFT_PX, (len(seen), 2))
    mirror = rng.choice((-1.0, 1.0), len(seen))
    for k, mark in enumerate(seen):
        c, s = np.cos(turn[k]), np.sin(turn[k])
        move = size[k] * np.array([[c, -s], [s, c]]) @ [[mirror[k], lean[k]], [0.0, 1.0]]
        move = np.column_stack([move, middle + shift[k] - move @ (middle, middle)])
        cv2.warpAffine(mark, move, (SIDE_PX, SIDE_PX), dst=moved[k])
    out = moved.transpose(0, 3, 1, 2)
    ink = np.clip(out[:, 0], 0, 1) ** np.exp(rng.normal(0, DARKER, (len(out), 1, 1)))
    out[:, 0] = np.clip(ink + rng.normal(0, GRAIN, ink.shape), 0, 1)
    return out


def write(net: Net, output: Path, made_by: str) -> None:
    """Write the network as an ONNX file: `marks` (n, 2, side, side) in, log odds (n,) out."""
    nodes, stored, last = [], [], "marks"
    for k, (weights, bias) in enumerate(net):
        value = np.asarray(weights, np.float32)
        stored.append(numpy_helper.from_array(value, f"w{k}"))
        stored.append(numpy_helper.from_array(np.asarray(bias, np.float32), f"b{k}"))
        if value.ndim == 4:
            nodes.append(
                helper.make_node("Conv", [last, f"w{k}", f"b{k}"], [f"c{k}"], pads=[1, 1, 1, 1])
            )
            nodes.append(helper.make_node("Relu", [f"c{k}"], [f"r{k}"]))
            two = [2, 2]
            nodes.append(
                helper.make_node("MaxPool", [f"r{k}"], [f"p{k}"], kernel_shape=two, strides=two)
            )
            last = f"p{k}"
        else:
            if k == 3:
                nodes.append(helper.make_node("Flatten", [last], ["flat"]))
                last = "flat"
            nodes.append(helper.make_node("Gemm", [last, f"w{k}", f"b{k}"], [f"g{k}"]))
            last = f"g{k}"
            if k < len(net) - 1:
                nodes.append(helper.make_node("Relu", [last], [f"r{k}"]))
                last = f"r{k}"
    stored.append(numpy_helper.from_array(np.array([-1], np.int64), "shape"))
    nodes.append(helper.make_node("Reshape", [last, "shape"], ["odds"]))
    into = helper.make_tensor_value_info("marks", TensorProto.FLOAT, ["n", 2, SIDE_PX, SIDE_PX])
    out = helper.make_tensor_value_info("odds", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph(nodes, "plain", [into], [out], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.doc_string = f"made by: {made_by}"
    checker.check_model(model)
    save(model, str(output))
