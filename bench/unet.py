"""A plain U-Net (Ronneberger 2015, padded, with batch norm) that learns from nothing, in PyTorch.

Started by unet.ts with its settings as JSON. Prints one JSON line when ready; then answers each line on standard input:
`{"train": file}` goes once through the file's views, batch by batch in their order, and stops where the minutes end;
`{"predict": file, "out": file}` writes the probability of every pixel. Only the steps themselves are on the clock.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

from tensor_file import read_safetensors, write_safetensors


def double_conv(before, after):
    layers = []
    for channels in (before, after):
        layers += [nn.Conv2d(channels, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Grey images B×1×H×W to logits B×H×W; sides are multiples of 2 to the number of poolings."""

    def __init__(self, channels):
        super().__init__()
        self.down = nn.ModuleList(double_conv(a, b) for a, b in zip([1, *channels], channels))
        levels = list(zip(channels, channels[1:]))[::-1]
        self.enlarge = nn.ModuleList(nn.ConvTranspose2d(deep, fine, 2, 2) for fine, deep in levels)
        self.up = nn.ModuleList(double_conv(2 * fine, fine) for fine, _ in levels)
        self.head = nn.Conv2d(channels[0], 1, 1)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)

    def forward(self, x):
        kept = []
        for level, convolve in enumerate(self.down):
            x = convolve(x if level == 0 else F.max_pool2d(x, 2))
            kept.append(x)
        for enlarge, convolve, fine in zip(self.enlarge, self.up, kept[-2::-1]):
            x = convolve(torch.cat([fine, enlarge(x)], dim=1))
        return self.head(x)[:, 0]


def loss_of(logits, target):
    """Soft Dice of each image, and cross entropy of each pixel."""
    p, t = logits.sigmoid().flatten(1), target.flatten(1)
    dice = 1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)
    return dice.mean() + F.binary_cross_entropy_with_logits(logits, target)


class Run:
    def __init__(self, settings):
        self.settings = settings
        torch.manual_seed(settings["seed"])
        self.model = UNet(settings["channels"])
        rates = {"lr": settings["learningRate"], "weight_decay": settings["weightDecay"]}
        self.optimiser = torch.optim.AdamW(self.model.parameters(), **rates, foreach=True)
        self.seconds, self.steps = 0.0, 0

    def step(self, image, target):
        """The learning rate follows half a cosine down to zero over the minutes."""
        share = self.seconds / (60 * self.settings["minutes"])
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings["learningRate"] * 0.5 * (1 + math.cos(math.pi * share))
        self.optimiser.zero_grad(set_to_none=True)
        loss = loss_of(self.model(image.float()[:, None]), target.float())
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def train(self, file):
        views, _ = read_safetensors(file)
        self.model.train()
        batch, losses = self.settings["batch"], []
        for image, target in zip(views["image"].split(batch), views["mask"].split(batch)):
            if self.seconds >= 60 * self.settings["minutes"]:
                break
            started = time.perf_counter()
            losses.append(self.step(image, target))
            self.seconds += time.perf_counter() - started
        self.steps += len(losses)
        finished = self.seconds >= 60 * self.settings["minutes"]
        return {"minutes": self.seconds / 60, "steps": self.steps, "losses": losses, "finished": finished}

    @torch.no_grad()
    def predict(self, file, out):
        images, _ = read_safetensors(file)
        self.model.eval()
        batches = images["image"].split(self.settings["batch"])
        write_safetensors(out, "probability", torch.cat([self.model(batch.float()[:, None]).sigmoid() for batch in batches]))
        return {"images": len(images["image"])}


def answer(message):
    print(json.dumps(message), flush=True)


def main():
    settings = json.loads(sys.argv[1])
    torch.set_num_threads(settings["threads"])
    run = Run(settings)
    parameters = sum(parameter.numel() for parameter in run.model.parameters())
    answer({"torch": torch.__version__, "threads": torch.get_num_threads(), "parameters": parameters})
    for line in sys.stdin:
        message = json.loads(line)
        answer(run.train(message["train"]) if "train" in message else run.predict(message["predict"], message["out"]))


if __name__ == "__main__":
    main()
