"""The networks that Standin's step is measured with, as PyTorch modules of the same layers and parameters.

Each pair is made by a function (torch) -> (generator, discriminator). A generator takes (latent, label), a
discriminator (images, label) and returns (logits, guess of the class or None). Where the order of two layers
changes nothing but the work, such as a kernel of 1 before or after a doubling, they stand in the cheaper order here
as they do in Standin. R3GAN's halving pads with zeros where Standin repeats the edge.
"""

import dataclasses
import functools
import typing

SIDE, COLOUR = 64, 3


@dataclasses.dataclass(frozen=True)
class Network:
    """What is trained, and how."""
    build: typing.Callable  # (torch) -> (generator, discriminator)
    latent: int
    loss: str               # "cross-entropy", "hinge" or "relativistic"
    batch: int
    beta1: float = 0.5
    classes: int = 0        # 0: no labels
    class_weight: float = 0.0
    penalty: bool = False   # R1 and R2
    augment: bool = False   # brightness, translation, cutout
    # Real and generated pictures in one pass of the discriminator: faster, and the same where no layer mixes pictures.
    together: bool = True


# ---- layers -----------------------------------------------------------------------------------

@functools.cache
def modules(torch):
    """The classes below need torch, which is imported only once its environment is set."""
    nn, F = torch.nn, torch.nn.functional

    def normalised(module):
        """With spectral norm, as every weight of the discriminators of Miyato et al."""
        return nn.utils.parametrizations.spectral_norm(module, n_power_iterations=1, eps=1e-12)

    def plain(module):
        return module

    class ClassBatchNorm(nn.Module):
        """Batch norm with scale and shift looked up by class; unlabelled: plain. style: moved by so many latent numbers."""

        def __init__(self, features, classes, style=0):
            super().__init__()
            self.classes, self.style = classes, style
            self.norm = nn.BatchNorm2d(features, affine=classes == 0)
            if classes:
                self.scale, self.shift = nn.Embedding(classes, features), nn.Embedding(classes, features)
                nn.init.ones_(self.scale.weight)
                nn.init.zeros_(self.shift.weight)
            if style:
                self.scales, self.shifts = (nn.Linear(style, features, bias=False) for _ in range(2))

        def forward(self, images, label, latent=None):
            hidden = self.norm(images)
            if not self.classes:
                return hidden
            scale, shift = self.scale(label), self.shift(label)
            if self.style:
                scale, shift = scale + self.scales(latent), shift + self.shifts(latent)
            return torch.addcmul(shift[:, :, None, None], hidden, scale[:, :, None, None])

    class Logits(nn.Module):
        """A dense layer; with labels, projection on an embedding of the class; and a guess of the class if wanted."""

        def __init__(self, features, classes, wrap, bias=True, guess=False):
            super().__init__()
            self.dense = wrap(nn.Linear(features, 1, bias=bias))
            self.embedding = wrap(nn.Embedding(classes, features)) if classes else None
            self.guess = wrap(nn.Linear(features, classes)) if guess else None

        def forward(self, features, label):
            logits = self.dense(features)
            if self.embedding is not None:
                logits = logits + (self.embedding(label) * features).sum(dim=1, keepdim=True)
            return logits.flatten(), self.guess(features) if self.guess is not None else None

    class UpGenerator(nn.Module):
        """Dense, then transposed convolutions that double, each before a batch norm: DCGAN's and SN-GAN's."""

        def __init__(self, latent, width, doublings, classes, bias, last, style=False):
            super().__init__()
            features = width << (doublings if last else doublings - 1)
            self.seed = (features, SIDE >> doublings, SIDE >> doublings)
            self.dense = nn.Linear(latent, features * (SIDE >> doublings) ** 2, bias=bias)
            self.norms, self.ups = nn.ModuleList(), nn.ModuleList()
            for i in range(doublings):
                outputs = features // 2 if last or i + 1 < doublings else COLOUR
                self.norms.append(ClassBatchNorm(features, classes, latent if style else 0))
                self.ups.append(nn.ConvTranspose2d(features, outputs, 4, 2, 1, bias=bias))
                features = outputs
            self.norm = ClassBatchNorm(features, classes) if last else None
            self.last = nn.Conv2d(features, COLOUR, 3, 1, 1) if last else None

        def forward(self, latent, label=None):
            hidden = self.dense(latent).view(-1, *self.seed)
            for norm, up in zip(self.norms, self.ups):
                hidden = up(F.relu(norm(hidden, label, latent), inplace=True))
            if self.last is not None:
                hidden = self.last(F.relu(self.norm(hidden, label), inplace=True))
            return torch.tanh(hidden)

    class FlatDiscriminator(nn.Module):
        """A row of layers, then logits of all its pixels."""

        def __init__(self, layers, features, classes, wrap, bias, guess=False):
            super().__init__()
            self.layers = nn.Sequential(*layers)
            self.logits = Logits(features, classes, wrap, bias, guess)

        def forward(self, images, label=None):
            return self.logits(self.layers(images).flatten(1), label)

    class UpBlock(nn.Module):
        def __init__(self, inputs, outputs, classes):
            super().__init__()
            self.norm1, self.norm2 = ClassBatchNorm(inputs, classes), ClassBatchNorm(outputs, classes)
            self.conv1, self.conv2 = nn.Conv2d(inputs, outputs, 3, 1, 1), nn.Conv2d(outputs, outputs, 3, 1, 1)
            self.shortcut = nn.Conv2d(inputs, outputs, 1)

        def forward(self, images, label):
            hidden = F.interpolate(F.relu(self.norm1(images, label), inplace=True), scale_factor=2)
            hidden = self.conv2(F.relu(self.norm2(self.conv1(hidden), label), inplace=True))
            return hidden + F.interpolate(self.shortcut(images), scale_factor=2)

    class DownBlock(nn.Module):
        def __init__(self, inputs, outputs, first):
            super().__init__()
            inner = outputs if first else inputs
            self.first = first
            self.conv1 = normalised(nn.Conv2d(inputs, inner, 3, 1, 1))
            self.conv2 = normalised(nn.Conv2d(inner, outputs, 3, 1, 1))
            self.shortcut = normalised(nn.Conv2d(inputs, outputs, 1))

        def forward(self, images):
            hidden = self.conv1(images if self.first else F.relu(images))
            hidden = F.avg_pool2d(self.conv2(F.relu(hidden, inplace=True)), 2)
            return hidden + self.shortcut(F.avg_pool2d(images, 2))

    class ResidualGenerator(nn.Module):
        def __init__(self, latent, width, classes):
            super().__init__()
            self.dense = nn.Linear(latent, 16 * 16 * width)
            widths = [16 * width, 8 * width, 4 * width, 2 * width, width]
            self.blocks = nn.ModuleList(UpBlock(a, b, classes) for a, b in zip(widths, widths[1:]))
            self.norm, self.last = nn.BatchNorm2d(width), nn.Conv2d(width, COLOUR, 3, 1, 1)

        def forward(self, latent, label=None):
            hidden = self.dense(latent).view(len(latent), -1, 4, 4)
            for block in self.blocks:
                hidden = block(hidden, label)
            return torch.tanh(self.last(F.relu(self.norm(hidden), inplace=True)))

    class ResidualDiscriminator(nn.Module):
        def __init__(self, width, classes):
            super().__init__()
            widths = [COLOUR, width, 2 * width, 4 * width, 8 * width, 16 * width]
            self.blocks = nn.Sequential(*(DownBlock(a, b, i == 0) for i, (a, b) in enumerate(zip(widths, widths[1:]))))
            self.logits = Logits(16 * width, classes, normalised)

        def forward(self, images, label=None):
            return self.logits(F.relu(self.blocks(images)).sum(dim=(2, 3)), label)

    class Bottleneck(nn.Module):
        """R3GAN's block: twice as wide inside, 16 channels a group, the last kernel starts at 0."""

        def __init__(self, features):
            super().__init__()
            wide = 2 * features
            self.conv1 = nn.Conv2d(features, wide, 1)
            self.conv2 = nn.Conv2d(wide, wide, 3, 1, 1, groups=max(wide // 16, 1))
            self.conv3 = nn.Conv2d(wide, features, 1, bias=False)
            nn.init.zeros_(self.conv3.weight)

        def forward(self, images):
            hidden = F.leaky_relu(self.conv1(images), 0.2)
            return images + self.conv3(F.leaky_relu(self.conv2(hidden), 0.2))

    def stage(features):
        return nn.Sequential(Bottleneck(features), Bottleneck(features))

    def widen(inputs, outputs):
        return nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1, bias=False)

    class StagedGenerator(nn.Module):
        def __init__(self, latent, widths, classes):
            super().__init__()
            self.classes = classes
            self.dense = nn.Linear(latent + classes, widths[0], bias=False)
            self.basis = nn.Parameter(torch.randn(1, widths[0], 4, 4))
            self.stages = nn.ModuleList(stage(width) for width in widths)
            self.widths = nn.ModuleList(widen(a, b) for a, b in zip(widths, widths[1:]))
            self.last = nn.Conv2d(widths[-1], COLOUR, 1, bias=False)

        def forward(self, latent, label=None):
            if self.classes:
                latent = torch.cat([latent, F.one_hot(label, self.classes).to(latent.dtype)], dim=1)
            hidden = self.stages[0](self.dense(latent)[:, :, None, None] * self.basis)
            for width, blocks in zip(self.widths, self.stages[1:]):
                hidden = blocks(F.interpolate(width(hidden), scale_factor=2, mode="bilinear"))
            return torch.tanh(self.last(hidden))

    class StagedDiscriminator(nn.Module):
        def __init__(self, widths, classes):
            super().__init__()
            self.first = nn.Conv2d(COLOUR, widths[-1], 1, bias=False)
            self.stages = nn.ModuleList(stage(width) for width in reversed(widths))
            self.widths = nn.ModuleList(widen(a, b) for a, b in zip(reversed(widths), reversed(widths[:-1])))
            self.basis = nn.Parameter(torch.randn(1, widths[0], 4, 4) / 4)
            self.logits = Logits(widths[0], classes, plain, bias=False)
            row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
            self.register_buffer("blur", torch.outer(row, row)[None, None], persistent=False)

        def halve(self, images):
            channels = images.shape[1]
            return F.conv2d(images, self.blur.expand(channels, 1, 4, 4), stride=2, padding=1, groups=channels)

        def forward(self, images, label=None):
            hidden = self.stages[0](self.first(images))
            for width, blocks in zip(self.widths, self.stages[1:]):
                hidden = blocks(width(self.halve(hidden)))
            return self.logits((hidden * self.basis).sum(dim=(2, 3)), label)

    return {name: value for name, value in locals().items() if name != "torch"}


# ---- pairs ------------------------------------------------------------------------------------

def initialise(torch, *networks):
    """Normal weights of deviation 0.02, as in PyTorch's own example."""
    nn = torch.nn
    for network in networks:
        for module in network.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                with torch.no_grad():
                    for weight in module.parameters():
                        if weight.dim() > 1:
                            weight.normal_(0.0, 0.02)
    return networks


def dcgan(torch, width=64, latent=100, classes=0, spectral=False):
    """Radford et al. 2015; the recipe auto's networks with labels, spectral norm and latent numbers everywhere."""
    nn, kinds = torch.nn, modules(torch)
    wrap = kinds["normalised"] if spectral else kinds["plain"]
    layers, inputs = [], COLOUR
    for i in range(4):
        layers.append(wrap(nn.Conv2d(inputs, width << i, 4, 2, 1, bias=False)))
        if i > 0 and not spectral:
            layers.append(nn.BatchNorm2d(width << i))
        layers.append(nn.LeakyReLU(0.2, True))
        inputs = width << i
    generator = kinds["UpGenerator"](latent, width, 4, classes, bias=False, last=False, style=classes > 0)
    discriminator = kinds["FlatDiscriminator"](layers, 16 * inputs, classes, wrap, bias=False, guess=classes > 0)
    return initialise(torch, generator, discriminator)


def sngan(torch, width=64, latent=128):
    """Miyato et al. 2018, the plain network."""
    nn, kinds = torch.nn, modules(torch)
    wrap = kinds["normalised"]
    layers, inputs = [], COLOUR
    for i in range(4):
        layers += [wrap(nn.Conv2d(inputs, width << i, 3, 1, 1)), nn.LeakyReLU(0.1, True)]
        inputs = width << i
        if i < 3:
            layers += [wrap(nn.Conv2d(inputs, 2 * inputs, 4, 2, 1)), nn.LeakyReLU(0.1, True)]
            inputs *= 2
    generator = kinds["UpGenerator"](latent, width, 3, 0, bias=True, last=True)
    return initialise(torch, generator, kinds["FlatDiscriminator"](layers, 64 * inputs, 0, wrap, bias=True))


def resnet(torch, width, latent=128, classes=6):
    """Miyato et al. 2018, the residual network; with labels that of Miyato and Koyama."""
    kinds = modules(torch)
    return kinds["ResidualGenerator"](latent, width, classes), kinds["ResidualDiscriminator"](width, classes)


def r3gan(torch, width=32, latent=64, classes=6):
    """Huang et al. 2024, scaled down."""
    kinds = modules(torch)
    widths = [width * multiple for multiple in (8, 8, 4, 2, 1)]
    return kinds["StagedGenerator"](latent, widths, classes), kinds["StagedDiscriminator"](widths, classes)


NETWORKS = {
    "dcgan": Network(dcgan, 100, "cross-entropy", 64, together=False),
    "sngan": Network(sngan, 128, "hinge", 64),
    "resnet-16": Network(functools.partial(resnet, width=16), 128, "hinge", 32, beta1=0.0, classes=6),
    "resnet-64": Network(functools.partial(resnet, width=64), 128, "hinge", 32, beta1=0.0, classes=6),
    "r3gan": Network(r3gan, 64, "relativistic", 32, beta1=0.0, classes=6, penalty=True),
    "auto": Network(functools.partial(dcgan, width=32, classes=6, spectral=True), 100, "hinge", 32, classes=6,
                    class_weight=0.5, augment=True),
}


# ---- what is minimised ------------------------------------------------------------------------

def loss_d(torch, kind, real, fake):
    F = torch.nn.functional
    if kind == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    if kind == "relativistic":
        return F.softplus(fake - real).mean()
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def loss_g(torch, kind, real, fake):
    F = torch.nn.functional
    if kind == "hinge":
        return -fake.mean()
    return F.softplus(real - fake if kind == "relativistic" else -fake).mean()


def augmented(torch, images):
    """Brightness, translation by up to an eighth, and a box of half of each side that becomes grey."""
    F = torch.nn.functional
    count, _, height, width = images.shape
    most = height // 8
    images = images + (torch.rand(count, 1, 1, 1) - 0.5)
    padded = F.pad(images, (most, most, most, most))
    # Slices of single pictures: their gradient is a copy, that of indexing with tensors a slow scattering.
    shifts = torch.randint(0, 2 * most + 1, (count, 2)).tolist()
    moved = torch.cat([padded[i:i + 1, :, y:y + height, x:x + width] for i, (y, x) in enumerate(shifts)])
    centre_y, centre_x = torch.randint(0, height, (count, 1)), torch.randint(0, width, (count, 1))
    rows = (torch.arange(height) - centre_y).abs() <= height // 4
    columns = (torch.arange(width) - centre_x).abs() <= width // 4
    return moved * ~(rows[:, None, :, None] & columns[:, None, None, :])
