"""Hiera-tiny, SAM 2's image trunk, as the reference implementation writes it, with LoRA beside the layers that have it."""

import torch
import torch.nn.functional as F
from torch import nn

# Width, heads, window (0: the whole image), whether the queries are pooled.
BLOCKS = [
    (96, 1, 8, False),
    (192, 2, 8, True),
    (192, 2, 4, False),
    (384, 4, 4, True),
    (384, 4, 14, False),
    (384, 4, 0, False),
    (384, 4, 14, False),
    (384, 4, 0, False),
    (384, 4, 14, False),
    (384, 4, 0, False),
    (768, 8, 14, True),
    (768, 8, 7, False),
]
STAGE_ENDS = [0, 2, 9, 11]


class LoRALinear(nn.Linear):
    """A linear layer with the low-rank correction computed beside it, as PEFT does."""

    def __init__(self, into, out):
        super().__init__(into, out)
        self.factors = None

    def forward(self, x):
        y = super().forward(x)
        return y if self.factors is None else y + F.linear(F.linear(x, self.factors.a), self.factors.b)


class Factors(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.a, self.b = nn.Parameter(a), nn.Parameter(b)


class MLP(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.layers = nn.ModuleList([LoRALinear(channels, 4 * channels), LoRALinear(4 * channels, channels)])

    def forward(self, x):
        return self.layers[1](F.gelu(self.layers[0](x)))


def pool(x):
    return F.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)


class MultiScaleAttention(nn.Module):
    def __init__(self, into, out, heads, pooled):
        super().__init__()
        self.heads, self.pooled = heads, pooled
        self.qkv = LoRALinear(into, 3 * out)
        self.proj = LoRALinear(out, out)

    def forward(self, x):
        b, h, w, _ = x.shape
        q, k, v = self.qkv(x).reshape(b, h * w, 3, self.heads, -1).unbind(2)
        if self.pooled:
            q = pool(q.reshape(b, h, w, -1))
            h, w = q.shape[1:3]
            q = q.reshape(b, h * w, self.heads, -1)
        q, k, v = (part.transpose(1, 2) for part in (q, k, v))
        weights = torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1), dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(b, h, w, -1))


def partition(x, window):
    b, h, w, c = x.shape
    x = F.pad(x, (0, 0, 0, -w % window, 0, -h % window))
    height, width = x.shape[1:3]
    x = x.view(b, height // window, window, width // window, window, c)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, window, window, c), (height, width)


def unpartition(windows, window, padded, size):
    (height, width), (h, w) = padded, size
    b = windows.shape[0] // (height * width // window // window)
    x = windows.reshape(b, height // window, width // window, window, window, -1)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(b, height, width, -1)[:, :h, :w]


class Block(nn.Module):
    def __init__(self, into, out, heads, window, pooled):
        super().__init__()
        self.window, self.pooled = window, pooled
        self.norm1, self.norm2 = nn.LayerNorm(into, eps=1e-6), nn.LayerNorm(out, eps=1e-6)
        self.attn = MultiScaleAttention(into, out, heads, pooled)
        self.mlp = MLP(out)
        if into != out:
            self.proj = nn.Linear(into, out)

    def forward(self, x):
        normed = self.norm1(x)
        shortcut = pool(self.proj(normed)) if self.pooled else x
        h, w = normed.shape[1:3]
        if self.window:
            windows, padded = partition(normed, self.window)
            scale = 2 if self.pooled else 1
            window, padded, size = self.window // scale, [side // scale for side in padded], (h // scale, w // scale)
            attended = unpartition(self.attn(windows), window, padded, size)
        else:
            attended = self.attn(normed)
        x = shortcut + attended
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, 96, 7, 4, 3)


class Hiera(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
        self.pos_embed = nn.Parameter(torch.zeros(1, 96, 7, 7))
        self.pos_embed_window = nn.Parameter(torch.zeros(1, 96, 8, 8))
        widths = [96, *(out for out, *_ in BLOCKS)]
        self.blocks = nn.ModuleList(Block(into, *block) for into, block in zip(widths, BLOCKS))

    def position(self, h, w):
        grid = F.interpolate(self.pos_embed, size=(h, w), mode="bicubic")
        return (grid + self.pos_embed_window.tile(1, 1, h // 8, w // 8)).permute(0, 2, 3, 1)

    def forward(self, image):
        """[B, 3, S, S] to the ends of the four stages, channels first."""
        x = self.patch_embed.proj(image).permute(0, 2, 3, 1)
        x = x + self.position(*x.shape[1:3])
        ends = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in STAGE_ENDS:
                ends.append(x.permute(0, 3, 1, 2))
        return ends


def attach_factors(trunk, tensors, prefix):
    """Gives the layers of which the tensors hold factors (`<prefix><layer>.weight.a` and `.b`) those factors."""
    for name, layer in trunk.named_modules():
        key = f"{prefix}{name}.weight"
        if f"{key}.a" in tensors:
            layer.factors = Factors(tensors[f"{key}.a"], tensors[f"{key}.b"])
