#!/usr/bin/env python3
"""What PyTorch needs for the work that one Standin training step does, on the same processor.

Standin itself never needs Python; this file exists so that a claim about speed or memory is a
measurement against a well-tuned peer and not a belief. Therefore the peer is given every
advantage that its manual offers: channels-last layout, the inductor compiler, fused Adam,
`set_to_none`, frozen discriminator parameters in the generator's update, a generator forward
pass shared by both updates.

    peer_torch.py step --threads 2 --json            every variant, one JSON object on stdout
    peer_torch.py step --variant eager-nhwc --json   one variant

Each variant runs in a fresh process, because peak memory (VmHWM) belongs to a process. It
includes the interpreter and PyTorch's own libraries, as it does for whoever runs it;
`import_bytes` says how much was resident before the first tensor. A step during which other
processes used the processor is measured again; what could not be measured in quiet says so.
Everything is f32 except the
variant `bf16`, which is a separate figure and never `best`.

The networks are in peer_networks.py.
"""

import argparse
import fcntl
import json
import os
import statistics
import subprocess
import sys
import time

import peer_networks

# name: how it differs from plain PyTorch. `environment` is set before the process starts.
# The "arena" variants tell glibc to keep freed tensors instead of returning them to the kernel:
# by default every large activation is mapped, zeroed and faulted in again at each step.
ARENA = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 33), "MALLOC_TOP_PAD_": str(1 << 26)}
VARIANTS = {
    "eager-nchw": {},
    "eager-nhwc": {"channels_last": True},
    "eager-nhwc-arena": {"channels_last": True, "environment": ARENA},
    "compile-nchw": {"compile": True},
    "compile-nhwc": {"channels_last": True, "compile": True},
    "compile-nhwc-arena": {"channels_last": True, "compile": True, "environment": ARENA},
    "bf16": {"channels_last": True, "autocast": True, "environment": ARENA},
}
COMPILE_LIMIT_SECONDS = 240
LIMIT_SECONDS = 600
PATIENCE_SECONDS = 30
GENERATED_BATCHES = 4  # in one measurement, so that it is long against the kernel's ticks


# ---- one training step ------------------------------------------------------------------------

class Trainer:
    """Generator, discriminator, two Adams and an average of the generator's weights."""

    def __init__(self, torch, network, batch, variant, adam):
        self.torch, self.network = torch, network
        self.autocast = bool(variant.get("autocast"))
        self.batch = batch
        torch.manual_seed(1)
        generator, discriminator = network.build(torch)
        self.real = torch.rand(batch, peer_networks.COLOUR, peer_networks.SIDE, peer_networks.SIDE) * 2 - 1
        self.label = torch.arange(batch) % network.classes if network.classes else None
        if variant.get("channels_last"):
            generator = generator.to(memory_format=torch.channels_last)
            discriminator = discriminator.to(memory_format=torch.channels_last)
            self.real = self.real.contiguous(memory_format=torch.channels_last)
        self.generator_weights = list(generator.parameters())
        self.discriminator_weights = list(discriminator.parameters())
        self.average = [weight.detach().clone() for weight in self.generator_weights]
        settings = {"lr": 2e-4, "betas": (network.beta1, 0.999), adam: True}
        self.generator_adam = torch.optim.Adam(self.generator_weights, **settings)
        self.discriminator_adam = torch.optim.Adam(self.discriminator_weights, **settings)
        if variant.get("compile"):
            generator, discriminator = torch.compile(generator), torch.compile(discriminator)
        self.generator, self.discriminator = generator, discriminator

    def discriminate(self, images, label):
        with self.torch.autocast("cpu", self.torch.bfloat16, enabled=self.autocast):
            logits, guess = self.discriminator(images, label)
        return logits.float(), guess

    def judge(self, real, fake):
        """Logits of both, and the guess of the real pictures' class."""
        torch = self.torch
        if not self.network.together:
            logits, guess = self.discriminate(real, self.label)
            return logits, self.discriminate(fake, self.label)[0], guess
        label = None if self.label is None else torch.cat([self.label, self.label])
        logits, guess = self.discriminate(torch.cat([real, fake]), label)
        real_logits, fake_logits = logits.chunk(2)
        return real_logits, fake_logits, None if guess is None else guess[:self.batch]

    def class_loss(self, guess):
        if guess is None:
            return 0.0
        return self.network.class_weight * self.torch.nn.functional.cross_entropy(guess.float(), self.label)

    def penalty(self, pictures, logits):
        """Half the mean squared gradient at each kind of pictures."""
        total = sum(each.sum() for each in logits)
        slopes = self.torch.autograd.grad(total, pictures, create_graph=True)
        return sum(slope.square().sum() for slope in slopes) / (2 * self.batch)

    def step(self):
        torch, network = self.torch, self.network
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            fake = self.generator(torch.randn(self.batch, network.latent), self.label)
        real = self.real
        if network.augment:
            real, fake = peer_networks.augmented(torch, real), peer_networks.augmented(torch, fake)

        self.discriminator_adam.zero_grad(set_to_none=True)
        shown = [real.detach(), fake.detach()]
        if network.penalty:
            shown = [pictures.requires_grad_() for pictures in shown]
        real_logits, fake_logits, guess = self.judge(*shown)
        loss = peer_networks.loss_d(torch, network.loss, real_logits, fake_logits) + self.class_loss(guess)
        if network.penalty:
            loss = loss + self.penalty(shown, (real_logits, fake_logits))
        loss.backward()
        self.discriminator_adam.step()

        # Frozen, or PyTorch would also compute D's weight gradients, which nobody reads.
        for weight in self.discriminator_weights:
            weight.requires_grad_(False)
        self.generator_adam.zero_grad(set_to_none=True)
        real_logits = None
        if network.loss == "relativistic":
            with torch.no_grad():
                real_logits, _ = self.discriminate(real, self.label)
        fake_logits, guess = self.discriminate(fake, self.label)
        (peer_networks.loss_g(torch, network.loss, real_logits, fake_logits) + self.class_loss(guess)).backward()
        self.generator_adam.step()
        for weight in self.discriminator_weights:
            weight.requires_grad_(True)

        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.generator_weights, 1 - 0.999)

    def generate(self):
        torch = self.torch
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            return self.generator(torch.randn(self.batch, self.network.latent), self.label)


# ---- measuring --------------------------------------------------------------------------------

def memory_bytes(field):
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {field} in /proc/self/status")


def timed(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def others_seconds():
    """Processor seconds used so far by everything but this process, the hypervisor's other guests included."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    own = os.times()
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK") - own.user - own.system


def timed_in_quiet(action, count):
    """(times of `count` undisturbed runs, True), or (times of all runs, False) when patience ends."""
    quiet, every = [], []
    while len(quiet) < count and (len(every) < count or sum(every) < PATIENCE_SECONDS):
        before = others_seconds()
        seconds = timed(action)
        every.append(seconds)
        # The kernel counts in ticks of 10 ms, hence the constant part.
        if others_seconds() - before < 0.03 + 0.03 * seconds:
            quiet.append(seconds)
    return (quiet, True) if len(quiet) == count else (every, False)


def measure(arguments):
    """In the child: one variant, result as a dictionary."""
    import torch

    torch.set_num_threads(arguments.threads)
    result = {"import_bytes": memory_bytes("VmRSS"), "torch": torch.__version__}
    variant = VARIANTS[arguments.child]
    trainer = Trainer(torch, peer_networks.NETWORKS[arguments.network], arguments.batch, variant, arguments.adam)
    result["parameters_g"] = sum(weight.numel() for weight in trainer.generator_weights)
    result["parameters_d"] = sum(weight.numel() for weight in trainer.discriminator_weights)
    result["first_step_seconds"] = timed(trainer.step)
    if variant.get("compile") and result["first_step_seconds"] > COMPILE_LIMIT_SECONDS:
        return {"error": f"compiling took {result['first_step_seconds']:.0f} s"}
    for _ in range(arguments.warmup - 1):
        trainer.step()
    result["peak_with_start_bytes"] = memory_bytes("VmHWM")
    # Forget the peak of start-up and compilation (5 resets VmHWM to what is resident now), so
    # that peak_bytes is what training needs and not what the compiler needed.
    with open("/proc/self/clear_refs", "w", encoding="ascii") as clear:
        clear.write("5")
    result["all"], result["quiet"] = timed_in_quiet(trainer.step, arguments.steps)
    result["seconds"] = statistics.median(result["all"])
    result["peak_bytes"] = memory_bytes("VmHWM")

    trainer.generator.eval()

    def generate_some():
        for _ in range(GENERATED_BATCHES):
            trainer.generate()

    generate_some()
    seconds, result["generate_quiet"] = timed_in_quiet(generate_some, arguments.repeats)
    result["generate_per_second"] = GENERATED_BATCHES * arguments.batch / statistics.median(seconds)

    # How fast the machine was just now: on a shared one this differs by a third within an hour,
    # and figures from different minutes can only be compared through it.
    matrix = torch.rand(2048, 2048)
    seconds, _ = timed_in_quiet(lambda: torch.mm(matrix, matrix), 9)
    result["matmul_flops_per_second"] = 2 * 2048**3 / statistics.median(seconds)
    return result


def run_variant(name, arguments):
    """In the parent: a fresh process for one variant."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(arguments.threads), **VARIANTS[name].get("environment", {}))
    command = [sys.executable, os.path.abspath(__file__), "step", "--child", name]
    for option in ("threads", "steps", "warmup", "batch", "network", "adam", "repeats"):
        command += ["--" + option, str(getattr(arguments, option))]
    try:
        child = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"took more than {LIMIT_SECONDS} s"}
    if child.returncode != 0:
        return {"error": (child.stderr.strip().splitlines() or [f"exit status {child.returncode}"])[-1]}
    return json.loads(child.stdout.splitlines()[-1])


def merged(first, second):
    """Two rounds of one variant: a quiet round beats a disturbed one, else all steps of both count."""
    if "error" in first or "error" in second:
        return first if "error" in first else second
    both = dict(second if second["quiet"] and not first["quiet"] else first)
    if first["quiet"] == second["quiet"]:
        both["all"] = first["all"] + second["all"]
        both["seconds"] = statistics.median(both["all"])
    for key in ("import_bytes", "peak_with_start_bytes", "peak_bytes", "generate_per_second"):
        both[key] = max(first[key], second[key])
    return both


def command_step(arguments):
    if arguments.child:
        print(json.dumps(measure(arguments)))
        return
    report = {"torch": None, "network": arguments.network, "batch": arguments.batch, "threads": arguments.threads,
              "adam": arguments.adam, "variants": {}}
    # Rounds interleave the variants, so that a busy minute of the machine does not fall on one of them.
    for name in (arguments.variant or list(VARIANTS)) * arguments.rounds:
        with open(arguments.lock or os.devnull, "a", encoding="ascii") as lock:
            if arguments.lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
            outcome = run_variant(name, arguments)
        # A released lock goes to whoever asks first: let others who wait come before the next variant.
        time.sleep(0.5 if arguments.lock else 0.0)
        report["torch"] = outcome.pop("torch", report["torch"])
        if not arguments.json:
            print(name, outcome.get("error") or f"{outcome['seconds']:.3f} s (least {min(outcome['all']):.3f}), "
                  f"{outcome['peak_bytes'] / 2**20:.0f} MiB, {outcome['generate_per_second']:.0f} images/s generated"
                  + ("" if outcome["quiet"] else ", DISTURBED"), flush=True)
        earlier = report["variants"].get(name)
        report["variants"][name] = merged(earlier, outcome) if earlier else outcome
    for outcome in report["variants"].values():
        if "all" in outcome:
            outcome["least_seconds"] = min(outcome["all"])
            outcome["peak_above_import_bytes"] = outcome["peak_bytes"] - outcome["import_bytes"]
    exact = {name: outcome for name, outcome in report["variants"].items()
             if "seconds" in outcome and not VARIANTS[name].get("autocast")}
    if exact:
        report["best"] = min(exact, key=lambda name: (not exact[name]["quiet"], exact[name]["seconds"]))
        for key in ("seconds", "quiet", "peak_bytes", "generate_per_second", "matmul_flops_per_second", "parameters_g",
                    "parameters_d"):
            report[key] = exact[report["best"]][key]
        # The best of each measure alone: a fair claim beats these, not only the fastest step's.
        report["least_seconds"] = min(outcome["least_seconds"] for outcome in exact.values())
        report["least_peak_bytes"] = min(outcome["peak_bytes"] for outcome in exact.values())
        report["most_generate_per_second"] = max(outcome["generate_per_second"] for outcome in exact.values())
    if arguments.json:
        print(json.dumps(report, indent=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    step = commands.add_parser("step", help="time one training step and generation")
    step.add_argument("--network", choices=peer_networks.NETWORKS, default="dcgan")
    step.add_argument("--threads", type=int, default=2)
    step.add_argument("--batch", type=int, help="default: the network's own")
    step.add_argument("--steps", type=int, default=9)
    step.add_argument("--rounds", type=int, default=1, help="fresh processes a variant")
    step.add_argument("--warmup", type=int, default=3)
    step.add_argument("--repeats", type=int, default=7, help="how often generating is timed")
    step.add_argument("--adam", choices=("fused", "foreach"), default="fused")
    step.add_argument("--variant", choices=VARIANTS, action="append", help="may be given several times; default all")
    step.add_argument("--lock", help="hold an exclusive lock on this file while a variant runs")
    step.add_argument("--json", action="store_true", help="one JSON object instead of a line a variant")
    step.add_argument("--child", choices=VARIANTS, help=argparse.SUPPRESS)
    step.set_defaults(run=command_step)
    arguments = parser.parse_args()
    arguments.batch = arguments.batch or peer_networks.NETWORKS[arguments.network].batch
    arguments.run(arguments)


if __name__ == "__main__":
    main()
