"""The peer of our training step: the same part of SAM 2, the same losses and optimiser, in PyTorch.

Written the ordinary way: modules named as in the reference implementation, autograd, fused AdamW over all tensors.
Started by train-step.ts with one safetensors file: parameters by name, the batch under `batch/`, settings as metadata.
Prints one JSON line when ready; then, for each line on standard input, does one training step and prints its time
and losses as another.
"""

import json
import math
import struct
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        count = math.prod(entry["shape"])
        values = np.frombuffer(data, np.float32, count, 8 + length + entry["data_offsets"][0])
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors, metadata


class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


class Attention(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.q_proj = nn.Linear(256, inner)
        self.k_proj = nn.Linear(256, inner)
        self.v_proj = nn.Linear(256, inner)
        self.out_proj = nn.Linear(inner, 256)

    def heads(self, x):
        b, n, c = x.shape
        return x.reshape(b, n, 8, c // 8).transpose(1, 2)

    def forward(self, q, k, v):
        q, k, v = self.heads(self.q_proj(q)), self.heads(self.k_proj(k)), self.heads(self.v_proj(v))
        weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))


class TwoWayBlock(nn.Module):
    def __init__(self, first):
        super().__init__()
        self.first = first
        self.self_attn = Attention(256)
        self.norm1, self.norm2, self.norm3, self.norm4 = (nn.LayerNorm(256) for _ in range(4))
        self.cross_attn_token_to_image = Attention(128)
        self.mlp = MLP([256, 2048, 256])
        self.cross_attn_image_to_token = Attention(128)

    def forward(self, tokens, pixels, prompt, places):
        if self.first:
            tokens = self.self_attn(tokens, tokens, tokens)
        else:
            q = tokens + prompt
            tokens = tokens + self.self_attn(q, q, tokens)
        tokens = self.norm1(tokens)
        k = pixels + places
        tokens = self.norm2(tokens + self.cross_attn_token_to_image(tokens + prompt, k, pixels))
        tokens = self.norm3(tokens + self.mlp(tokens))
        pixels = self.norm4(pixels + self.cross_attn_image_to_token(k, tokens + prompt, tokens))
        return tokens, pixels


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([TwoWayBlock(True), TwoWayBlock(False)])
        self.final_attn_token_to_image = Attention(128)
        self.norm_final_attn = nn.LayerNorm(256)

    def forward(self, prompt, pixels, places):
        tokens = prompt
        for layer in self.layers:
            tokens, pixels = layer(tokens, pixels, prompt, places)
        tokens = tokens + self.final_attn_token_to_image(tokens + prompt, pixels + places, pixels)
        return self.norm_final_attn(tokens), pixels


class LayerNorm2d(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, 1e-6).permute(0, 3, 1, 2)


class MaskDecoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer = Transformer()
        self.obj_score_token = nn.Embedding(1, 256)
        self.iou_token = nn.Embedding(1, 256)
        self.mask_tokens = nn.Embedding(4, 256)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(256, 64, 2, 2), LayerNorm2d(64), nn.GELU(), nn.ConvTranspose2d(64, 32, 2, 2), nn.GELU()
        )
        self.output_hypernetworks_mlps = nn.ModuleList(MLP([256, 256, 256, 32]) for _ in range(4))
        self.iou_prediction_head = MLP([256, 256, 256, 4])

    def forward(self, embedding, places, prompt, high_res_0, high_res_1):
        b, c, h, w = embedding.shape
        own = torch.cat([self.obj_score_token.weight, self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([own.expand(b, -1, -1), prompt], dim=1)
        tokens, pixels = self.transformer(tokens, embedding.flatten(2).transpose(1, 2), places)
        deconvolve_1, norm, act_1, deconvolve_2, act_2 = self.output_upscaling
        image = pixels.transpose(1, 2).reshape(b, c, h, w)
        image = act_1(norm(deconvolve_1(image) + high_res_1))
        image = act_2(deconvolve_2(image) + high_res_0)
        kernels = torch.stack([mlp(tokens[:, 2 + i]) for i, mlp in enumerate(self.output_hypernetworks_mlps)], dim=1)
        masks = (kernels @ image.flatten(2)).reshape(b, 4, 4 * h, 4 * w)
        return masks[:, 0], self.iou_prediction_head(tokens[:, 1]).sigmoid()[:, 0], tokens[:, 0]


class Trained(nn.Module):
    """Neck, adapters, learned prompt tokens, mask decoder and presence head, on the cached features of a frozen trunk."""

    def __init__(self, tensors, modalities, size):
        super().__init__()
        self.image_encoder = nn.Module()
        self.image_encoder.neck = nn.Module()
        levels = [nn.Module(), nn.Module()]
        for level, channels in zip(levels, [768, 384]):
            level.conv = nn.Conv2d(channels, 256, 1)
        self.image_encoder.neck.convs = nn.ModuleList(levels)
        self.high_res_adapters = nn.ModuleList([nn.Conv2d(32, 32, 1), nn.Conv2d(64, 64, 1)])
        self.prompt_tokens = nn.ParameterDict({name: torch.zeros(4, 256) for name in modalities})
        self.presence_head = MLP([256, 256, 1])
        self.sam_mask_decoder = MaskDecoder()
        self.load_state_dict({name: tensors[name] for name in self.state_dict()})
        self.modalities = modalities
        dense = tensors["no_mem_embed"].flatten() + tensors["sam_prompt_encoder.no_mask_embed.weight"].flatten()
        self.register_buffer("dense", dense.reshape(1, 256, 1, 1), persistent=False)
        matrix = tensors["sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"]
        self.register_buffer("places", grid_embedding(size // 16, matrix), persistent=False)

    def forward(self, batch):
        neck = self.image_encoder.neck.convs
        top = F.interpolate(neck[0].conv(batch["tap"]), scale_factor=2.0, mode="nearest")
        embedding = neck[1].conv(batch["stage3"]) + top + self.dense
        vocabulary = torch.stack([self.prompt_tokens[name] for name in self.modalities])
        prompt = torch.einsum("bm,mtc->btc", batch["modality"], vocabulary)
        high_res_0 = self.high_res_adapters[0](batch["highRes0"])
        high_res_1 = self.high_res_adapters[1](batch["highRes1"])
        logits, iou, token = self.sam_mask_decoder(embedding, self.places, prompt, high_res_0, high_res_1)
        return logits, iou, self.presence_head(token)[:, 0]


def grid_embedding(size, matrix):
    centres = (torch.arange(size) + 0.5) / size
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    phase = 2 * math.pi * ((2 * torch.stack([x, y], dim=-1) - 1) @ matrix)
    return torch.cat([phase.sin(), phase.cos()], dim=-1).reshape(1, size * size, 256)


def losses_of(logits, iou, presence, batch):
    z, t = logits.flatten(1), batch["target"].flatten(1)
    p = z.sigmoid()
    cross_entropy = F.binary_cross_entropy_with_logits(z, t, reduction="none")
    dice = 1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)
    missed = p + t - 2 * p * t
    focal = (0.75 - 0.5 * t) * missed**2 * cross_entropy
    presence_loss = F.binary_cross_entropy_with_logits(presence, batch["lesion"], reduction="none")
    with torch.no_grad():
        mask = (z > 0).float()
        shared = (mask * t).sum(1)
        real = (shared + 1) / (mask.sum(1) + t.sum(1) - shared + 1)
    weight = batch["maskWeight"]
    return {
        "dice": (dice * weight).sum(),
        "crossEntropy": (cross_entropy.mean(1) * weight).sum(),
        "focal": (focal.mean(1) * weight).sum(),
        "presence": (presence_loss * batch["presenceWeight"]).sum(),
        "iou": ((iou - real) ** 2 * weight).sum(),
    }


def blas_library():
    """File names of the libraries for linear algebra that this process has loaded."""
    with open("/proc/self/maps") as maps:
        files = {line.split()[-1].rsplit("/", 1)[-1] for line in maps if ".so" in line}
        maps.seek(0)
        folders = {line.split()[-1] for line in maps if "blas" in line}
    known = sorted(name for name in files if any(part in name for part in ("openblas", "mkl_", "blis", "atlas")))
    return known or sorted(folders)


def answer(message):
    print(json.dumps(message), flush=True)


def main():
    tensors, metadata = read_safetensors(sys.argv[1])
    settings = json.loads(metadata["settings"])
    torch.set_num_threads(settings["threads"])
    batch = {name[len("batch/") :]: value for name, value in tensors.items() if name.startswith("batch/")}
    for name in ("tap", "stage3", "highRes1", "highRes0"):
        batch[name] = batch[name].permute(0, 3, 1, 2).contiguous()

    model = Trained(tensors, settings["modalities"], settings["size"])
    trained, new = [], []
    for name, parameter in model.named_parameters():
        if name in settings["trained"]:
            (new if name in settings["new"] else trained).append(parameter)
        else:
            parameter.requires_grad_(False)
    parameters = trained + new
    assert len(parameters) == len(settings["trained"])
    groups = [{"params": trained, "lr": settings["learningRate"]}, {"params": new, "lr": settings["newLearningRate"]}]
    optimiser = torch.optim.AdamW(groups, weight_decay=settings["weightDecay"], foreach=True)
    average = [parameter.detach().clone() for parameter in parameters]

    answer({"torch": torch.__version__, "threads": torch.get_num_threads(), "linearAlgebra": blas_library()})
    for count, _ in enumerate(sys.stdin, 1):
        started = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        losses = losses_of(*model(batch), batch)
        total = sum(losses[name] * weight for name, weight in settings["lossWeights"].items())
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, settings["clipNorm"])
        optimiser.step()
        with torch.no_grad():
            rate = min(settings["averageDecay"], (1 + count) / (10 + count))
            torch._foreach_mul_(average, rate)
            torch._foreach_add_(average, parameters, alpha=1 - rate)
        milliseconds = (time.perf_counter() - started) * 1e3
        values = {name: loss.item() for name, loss in losses.items()}
        answer({"milliseconds": milliseconds, "losses": {**values, "total": total.item(), "gradientNorm": norm.item()}})


main()
