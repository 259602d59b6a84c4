#!/usr/bin/env python3
"""Prints the section of docs/results.md that bench/recipes writes: recipes_report.py RECORDS PICTURES LIST

RECORDS: recipes.tsv, a line for each arm that was ever finished, and recipes.md, what has to be known about them.
PICTURES: the folder of their contact sheets. LIST: the arms of today, each with its state, in their order."""
import csv
import os
import statistics
import sys

records, pictures, states = sys.argv[1:]

TARGETS = [ # title, arms (the first that is there), share of TRTR and TSTR that are wanted
    ("vehicles, 6 classes, 60 minutes", ["auto-60"], 0.90, 0),
    ("rendered cars, 4 classes, 30 minutes (white paper: 89.6 %)", ["cars-auto-30"], 0.95, 0.90),
    ("mednist, 60 minutes", ["mednist-auto-10"], 0.97, 0),
    ("blood-cells, 60 minutes", ["blood-cells-auto-10"], 0.95, 0),
    ("fashion-mnist, 60 minutes", ["fashion-mnist-auto-10"], 0.93, 0),
    ("vehicles, 30 minutes (a plain PyTorch SN-ResNet: 46 % of 89 %)", ["auto-30"], 0.75, 0),
]

METHOD = """TSTR is the accuracy of a classifier that was trained on synthetic images alone, tested on real images that neither it nor
the GAN has seen: in per cent, of one classifier, or mean and standard deviation of several. It learns from as many images a class as
the set has real training images on average. TRTR is the same classifier, trained on the real training images. An arm's
minutes are those of a machine with nothing else to do: the time of a step was measured once, on all processors, and made
steps of the minutes. The last column, the same classifiers' accuracy on the real *training* images, is what arms are
chosen by. On vehicles, blood-cells and mednist the last fifth of each class's files is the test; of the rendered cars it
is one race."""


def read_arms():
    with open(os.path.join(records, "recipes.tsv"), encoding="utf-8", newline="") as file:
        return {arm["arm"]: arm for arm in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def read_states():
    with open(states, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("\t") for line in file)


def per_cent(arm, key):
    spread = arm.get(key + "_spread")
    return f"{100 * float(arm[key]):.1f}" + (f" ± {100 * float(spread):.1f}" if spread and int(arm["classifiers"]) > 1 else "")


def what(arm):
    return arm["recipe"] + (", " + arm["settings"] if arm["settings"] else "")


class Section:
    def __init__(self):
        self.arms, self.states = read_arms(), read_states()
        names = [name for name in self.states if name in self.arms] + [name for name in self.arms if name not in self.states]
        self.real = {self.arms[name]["dataset"]: self.arms[name] for name in names if self.arms[name]["recipe"] == "real"}
        self.trained = [self.arms[name] for name in names if self.arms[name]["recipe"] != "real"]

    def share(self, arm):
        real = self.real.get(arm["dataset"])
        return float(arm["tstr"]) / float(real["tstr"]) if real else None

    def machines(self):
        names = {}
        for arm in self.trained:
            names.setdefault(arm["machine"], []).append(arm["arm"])
        most = max(names, key=lambda machine: len(names[machine]))
        others = [f"{machine}: {', '.join(arms)}" for machine, arms in names.items() if machine != most]
        return f"Machine: {most}" + (f", but {'; '.join(others)}." if others else ".")

    def real_rows(self):
        yield "| real images | to train on | classes | TRTR |"
        yield "|---|---|---|---|"
        for name, real in self.real.items():
            yield f"| {name} | {real['images']} | {real['classes']} | {per_cent(real, 'tstr')} |"

    def rows(self):
        yield ("| arm | recipe | images | minutes | steps | images seen | s a step | TSTR | share of TRTR | TSTR, 1000 a class "
               "| on training images |")
        yield "|---" * 11 + "|"
        for arm in self.trained:
            share = self.share(arm)
            seen = int(arm["steps"]) * int(arm["batch"]) * int(arm["steps_d"])
            yield (f"| {arm['arm']} | {what(arm)} | {arm['dataset']} | {arm['minutes']} | {arm['steps']} | {seen} | "
                   f"{float(arm['step_seconds']):.4f} | {per_cent(arm, 'tstr')} | {f'{100 * share:.1f} %' if share else '-'} | "
                   f"{per_cent(arm, 'more')} | {per_cent(arm, 'on_training')} |")

    def seeds(self):
        kinds = {}
        for arm in self.trained:
            kinds.setdefault(f"{arm['dataset']}, {arm['minutes']} minutes: {what(arm)}", []).append(100 * float(arm["tstr"]))
        several = {kind: values for kind, values in kinds.items() if len(values) > 1}
        if several:
            yield "| with several seeds of the GAN | seeds | TSTR, mean ± spread of them |"
            yield "|---|---|---|"
            for kind, values in several.items():
                yield f"| {kind} | {len(values)} | {statistics.mean(values):.1f} ± {statistics.stdev(values):.1f} |"
            yield ""

    def unfinished(self):
        waiting = [f"- {name}: {state}" for name, state in self.states.items() if name not in self.arms]
        if waiting:
            yield from ["Not finished:", "", *waiting, ""]

    def targets(self):
        yield "| target | | reached | |"
        yield "|---|---|---|---|"
        for title, arms, share, tstr in TARGETS:
            goal = f">= {100 * share:.0f} % of TRTR" + (f" and TSTR >= {100 * tstr:.0f} %" if tstr else "")
            arm = next((self.arms[name] for name in arms if name in self.arms), None)
            if not arm or not self.share(arm):
                yield f"| {title} | {goal} | - | not run |"
                continue
            reached = self.share(arm) >= share and float(arm["tstr"]) >= tstr
            yield (f"| {title} | {goal} | {arm['arm']}: {100 * float(arm['tstr']):.1f} % of "
                   f"{100 * float(self.real[arm['dataset']]['tstr']):.1f} %, {100 * self.share(arm):.1f} % | "
                   f"{'reached' if reached else '**missed**'} |")
        if "wp-cgan" in self.arms:
            hours = 12400 * 60 / 32 * float(self.arms["wp-cgan"]["step_seconds"]) / 3600
            yield ("| the white paper's CGAN run: 12,400 images, 60 epochs, batch 32, 64x64 | hours | "
                   f"{hours:.1f} hours | from the time of a step |")

    def sheets(self):
        yield "The first 8 images of each class, seed 1: random, not picked."
        for arm in self.trained:
            if os.path.exists(os.path.join(pictures, f"recipes-{arm['arm']}.png")):
                yield f"\n**{arm['arm']}**, TSTR {100 * float(arm['tstr']):.1f} %\n\n![](pictures/recipes-{arm['arm']}.png)"


def conditions():
    try:
        with open(os.path.join(records, "recipes.md"), encoding="utf-8") as file:
            return file.read().strip() + "\n"
    except FileNotFoundError:
        return ""


def main():
    section = Section()
    if not section.trained:
        sys.exit("no arm is finished")
    print("## Recipes\n\nWritten by `bench/recipes` from `docs/records`; run it again with your own folder of data.\n" + conditions() +
          section.machines())
    for part in ([METHOD], section.real_rows(), section.rows()):
        print("", *part, sep="\n")
    print("", *section.seeds(), *section.unfinished(), *section.targets(), "", *section.sheets(), sep="\n")


main()
