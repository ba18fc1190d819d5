"""The peer of our training step: the same part of SAM 2, the same losses and optimiser, in PyTorch.

Written the ordinary way: modules named as in the reference implementation, autograd, fused AdamW over all tensors.
Started by train-step.ts with one safetensors file: parameters by name, the batch under `batch/`, settings as metadata.
Prints one JSON line when ready; then, for each line on standard input, does one training step and prints its time
and losses as another.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

from hiera import Hiera, attach_factors
from tensor_file import read_safetensors


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


class PromptEncoder(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.mask_downscaling = nn.Sequential(
            nn.Conv2d(1, 4, 2, 2), LayerNorm2d(4), nn.GELU(), nn.Conv2d(4, 16, 2, 2), LayerNorm2d(16), nn.GELU(),
            nn.Conv2d(16, 256, 1),
        )
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, 256) for _ in range(4))
        self.not_a_point_embed = nn.Embedding(1, 256)
        self.no_mask_embed = nn.Embedding(1, 256)
        self.register_buffer("matrix", matrix, persistent=False)

    def points(self, points, labels):
        embedding = fourier((points + 0.5) / 1024, self.matrix)
        embedding = torch.where(labels[..., None] == -1, self.not_a_point_embed.weight, embedding)
        for label, kind in enumerate(self.point_embeddings):
            embedding = embedding + kind.weight * (labels[..., None] == label)
        return torch.cat([embedding, self.not_a_point_embed.weight.expand(len(points), 1, 256)], dim=1)


# Mean and deviation of ImageNet's colours.
IMAGENET = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


class Trained(nn.Module):
    """The trunk, or its cached features, then neck, adapters, prompts, mask decoder and the heads beside it."""

    def __init__(self, tensors, modalities, size, from_pixels):
        super().__init__()
        self.image_encoder = nn.Module()
        self.image_encoder.neck = nn.Module()
        channels = [768, 384, 192, 96] if from_pixels else [768, 384]
        levels = [nn.Module() for _ in channels]
        for level, into in zip(levels, channels):
            level.conv = nn.Conv2d(into, 256, 1)
        self.image_encoder.neck.convs = nn.ModuleList(levels)
        self.high_res_adapters = nn.ModuleList([nn.Conv2d(32, 32, 1), nn.Conv2d(64, 64, 1)])
        self.prompt_tokens = nn.ParameterDict({name: torch.zeros(4, 256) for name in modalities})
        self.presence_head = MLP([256, 256, 1])
        self.objectness_head = nn.Conv2d(256, 1, 1)
        self.objectness_embedding = nn.Parameter(torch.zeros(256))
        matrix = tensors["sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"]
        self.sam_prompt_encoder = PromptEncoder(matrix)
        self.sam_mask_decoder = MaskDecoder()
        if from_pixels:
            self.image_encoder.trunk = Hiera()
            self.sam_mask_decoder.conv_s0 = nn.Conv2d(256, 32, 1)
            self.sam_mask_decoder.conv_s1 = nn.Conv2d(256, 64, 1)
        self.load_state_dict({name: tensors[name] for name in self.state_dict()})
        if from_pixels:
            attach_factors(self.image_encoder.trunk, tensors, "lora.image_encoder.trunk.")
        self.modalities = modalities
        self.register_buffer("no_memory", tensors["no_mem_embed"].reshape(1, 256, 1, 1), persistent=False)
        self.register_buffer("places", grid_embedding(size // 16, matrix), persistent=False)

    def features(self, batch):
        """Trunk stages 4 and 3, and the two maps of high resolution."""
        if "stage4" in batch:
            return [batch[name] for name in ("stage4", "stage3", "highRes1", "highRes0")]
        mean, deviation = (batch["image"].new_tensor(of).reshape(1, 3, 1, 1) for of in IMAGENET)
        stage1, stage2, stage3, stage4 = self.image_encoder.trunk((batch["image"][:, None] - mean) / deviation)
        neck, decoder = self.image_encoder.neck.convs, self.sam_mask_decoder
        return stage4, stage3, decoder.conv_s1(neck[2].conv(stage2)), decoder.conv_s0(neck[3].conv(stage1))

    def forward(self, batch):
        stage4, stage3, high_res_1, high_res_0 = self.features(batch)
        neck = self.image_encoder.neck.convs
        top = F.interpolate(neck[0].conv(stage4), scale_factor=2.0, mode="nearest")
        embedding = neck[1].conv(stage3) + top + self.no_memory
        vocabulary = torch.stack([self.prompt_tokens[name] for name in self.modalities])
        prompt = torch.einsum("bm,mtc->btc", batch["modality"], vocabulary)
        high_res_0 = self.high_res_adapters[0](high_res_0)
        high_res_1 = self.high_res_adapters[1](high_res_1)
        objectness = self.objectness_head(embedding)
        located = embedding + objectness.sigmoid() * self.objectness_embedding.reshape(1, 256, 1, 1)
        no_mask = self.sam_prompt_encoder.no_mask_embed.weight.reshape(1, 256, 1, 1)

        def decode(image, tokens):
            return self.sam_mask_decoder(image, self.places, tokens, high_res_0, high_res_1)

        first_logits, first_iou, token = decode(located + no_mask, prompt)
        seen = self.sam_prompt_encoder.mask_downscaling(first_logits.detach()[:, None])
        logits, iou, _ = decode(located + seen, prompt)
        points, labels = simulated_prompt(logits.detach(), batch)
        before = self.sam_prompt_encoder.mask_downscaling(logits.detach()[:, None])
        corrects = batch["corrects"].reshape(-1, 1, 1, 1)
        dense = before * corrects + no_mask * (1 - corrects)
        prompted_logits, prompted_iou, _ = decode(embedding + dense, self.sam_prompt_encoder.points(points, labels))
        return {
            "mask": (logits, iou),
            "firstLook": (first_logits, first_iou),
            "prompted": (prompted_logits, prompted_iou),
            "presence": self.presence_head(token)[:, 0],
            "objectness": objectness[:, 0],
        }


def simulated_prompt(before, batch):
    """The prompts that are fed, and for images that are corrected a click on one of the wrong cells."""
    side = before.shape[-1]
    truth, said = batch["target"].flatten(1) > 0.5, before.flatten(1) > 0
    cell = (((truth != said).float() + 1e-3 * truth.float()) * batch["chance"]).argmax(1)
    place = torch.stack([cell % side, cell // side], dim=-1)
    corrects = batch["corrects"] == 1
    click = torch.where(corrects[:, None], (place + 0.5) * 1024 / side - 0.5, torch.zeros(()))
    label = torch.where(corrects, truth.gather(1, cell[:, None])[:, 0].float(), -torch.ones(()))
    points = torch.cat([batch["points"], click[:, None]], dim=1)
    return points, torch.cat([batch["labels"], label[:, None]], dim=1)


def fourier(places, matrix):
    phase = 2 * math.pi * ((2 * places - 1) @ matrix)
    return torch.cat([phase.sin(), phase.cos()], dim=-1)


def grid_embedding(size, matrix):
    centres = (torch.arange(size) + 0.5) / size
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    return fourier(torch.stack([x, y], dim=-1), matrix).reshape(1, size * size, 256)


def mask_terms(logits, target, weight):
    z, t = logits.flatten(1), target.flatten(1)
    p = z.sigmoid()
    cross_entropy = F.binary_cross_entropy_with_logits(z, t, reduction="none")
    dice = 1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)
    missed = p + t - 2 * p * t
    focal = (0.75 - 0.5 * t) * missed**2 * cross_entropy
    return {
        "dice": (dice * weight).sum(),
        "crossEntropy": (cross_entropy.mean(1) * weight).sum(),
        "focal": (focal.mean(1) * weight).sum(),
    }


def mask_loss(answer, batch, weights):
    logits, iou = answer
    with torch.no_grad():
        mask, t = (logits.flatten(1) > 0).float(), batch["target"].flatten(1)
        shared = (mask * t).sum(1)
        real = (shared + 1) / (mask.sum(1) + t.sum(1) - shared + 1)
    terms = mask_terms(logits, batch["target"], batch["maskWeight"])
    terms["iou"] = ((iou - real) ** 2 * batch["maskWeight"]).sum()
    return sum(terms[name] * weight for name, weight in weights.items())


def losses_of(answers, batch, weights):
    presence = F.binary_cross_entropy_with_logits(answers["presence"], batch["lesion"], reduction="none")
    cells = F.avg_pool2d(batch["target"][:, None], batch["target"].shape[-1] // answers["objectness"].shape[-1])[:, 0]
    coarse = mask_terms(answers["objectness"], cells, batch["maskWeight"])
    return {
        **{name: mask_loss(answers[name], batch, weights) for name in ("mask", "firstLook", "prompted")},
        "objectness": coarse["dice"] + coarse["crossEntropy"],
        "presence": (presence * batch["presenceWeight"]).sum(),
    }


def blas_library():
    """File names of the libraries for linear algebra that this process has loaded."""
    with open("/proc/self/maps") as maps:
        files = {line.split()[-1].rsplit("/", 1)[-1] for line in maps if ".so" in line}
        maps.seek(0)
        folders = {line.split()[-1] for line in maps if "blas" in line}
    known = sorted(name for name in files if any(part in name for part in ("openblas", "mkl_", "blis", "atlas")))
    return known or sorted(folders)


def factor_name(name):
    """A parameter's name in the file, where a layer's factors are named for the weight that they correct."""
    return "lora." + name.replace(".factors.", ".weight.") if ".factors." in name else name


def peak_memory():
    """MiB that this process has held at most since `forget_peak`; nothing where there is no /proc."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return None


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def answer(message):
    print(json.dumps(message), flush=True)


def main():
    tensors, metadata = read_safetensors(sys.argv[1])
    settings = json.loads(metadata["settings"])
    torch.set_num_threads(settings["threads"])
    batch = {name[len("batch/") :]: value for name, value in tensors.items() if name.startswith("batch/")}
    for name in batch.keys() & {"stage4", "stage3", "highRes1", "highRes0"}:
        batch[name] = batch[name].permute(0, 3, 1, 2).contiguous()

    model = Trained(tensors, settings["modalities"], settings["size"], "image" in batch)
    rates, groups = settings["learningRates"], {}
    for name, parameter in model.named_parameters():
        rate = rates.get(factor_name(name))
        parameter.requires_grad_(rate is not None)
        if rate is not None:
            groups.setdefault(rate, []).append(parameter)
    parameters = [parameter for group in groups.values() for parameter in group]
    assert len(parameters) == len(rates)
    groups = [{"params": group, "lr": rate} for rate, group in groups.items()]
    optimiser = torch.optim.AdamW(groups, weight_decay=settings["weightDecay"], foreach=True)
    average = [parameter.detach().clone() for parameter in parameters]

    answer({"torch": torch.__version__, "threads": torch.get_num_threads(), "linearAlgebra": blas_library()})
    tensors.clear()
    forget_peak()
    for count, _ in enumerate(sys.stdin, 1):
        started, computed = time.perf_counter(), time.process_time()
        optimiser.zero_grad(set_to_none=True)
        losses = losses_of(model(batch), batch, settings["maskLossWeights"])
        total = sum(losses[name] * weight for name, weight in settings["lossWeights"].items())
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, settings["clipNorm"])
        optimiser.step()
        with torch.no_grad():
            rate = min(settings["averageDecay"], (1 + count) / (10 + count))
            torch._foreach_mul_(average, rate)
            torch._foreach_add_(average, parameters, alpha=1 - rate)
        milliseconds = (time.perf_counter() - started) * 1e3
        cpu_milliseconds = (time.process_time() - computed) * 1e3
        values = {name: loss.item() for name, loss in losses.items()}
        losses = {**values, "total": total.item(), "gradientNorm": norm.item()}
        times = {"milliseconds": milliseconds, "cpuMilliseconds": cpu_milliseconds}
        answer({**times, "losses": losses, "peakMib": peak_memory()})


main()
