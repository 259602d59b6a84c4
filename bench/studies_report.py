#!/usr/bin/env python3
"""Keeps the finished documents of WORK in RECORDS/studies and prints the section of docs/results.md that bench/studies writes, of
all that are kept there: studies_report.py WORK RECORDS"""
import json
import math
import os
import sys

work, records = sys.argv[1:]


def read_file(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def record(name): # where a machine keeps its images is nobody's business
    return os.path.join(records, "studies", name + ".json")


def keep(name):
    text = read_file(os.path.join(work, name + ".json"))
    if not text:
        return
    document = json.loads(text)
    for images in document["sets"].values():
        images["path"] = os.path.basename(images["path"])
    os.makedirs(os.path.dirname(record(name)), exist_ok=True)
    with open(record(name), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


def read(name):
    text = read_file(record(name))
    return json.loads(text) if text else None


def share(value):
    return f"{100 * value:.1f}"


def spread(interval):
    return f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}" if interval else ""


def points(comparison):
    low, high = comparison["interval"]
    return f"{100 * comparison['difference']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f}), p = {comparison['mcnemar']:.2g}"


def row_of(document, name): # None: a record from before there was such a row
    return next((row for row in document["rows"] if row["name"] == name), None)


def compared(document, a, b):
    return next(one for one in document["comparisons"] if one["a"] == a and one["b"] == b)


def with_most(document, a, b): # comparisons are in the order of their numbers of synthetic images
    return [one for one in document["comparisons"] if one["a"] == a and one["b"] == b][-1]


def worth(document):
    measure = document["effective_real_size"]
    if "value" not in measure:
        return measure.get("refused", "")
    interval = measure.get("interval")
    return f"{measure['value']:.0f}" + (f" ({interval[0]:.0f} to {interval[1]:.0f})" if interval else "")


def utility(lines, names):
    documents = [(name[len("utility-"):], read(name)) for name in names]
    documents = [(name, document) for name, document in documents if document]
    if not documents:
        return
    kinds = [("chance", "chance"), ("trtr", "TRTR"), ("trtr_classic", "TRTR + classic"), ("tstr", "TSTR"),
             ("tstr_classic", "TSTR + classic"), ("trtr_s", "TRTR + S"), ("trts", "TRTS"), ("copycat", "copycat")]
    lines += ["### Utility", "", "| images | to train on | tested on | " + " | ".join(title for _, title in kinds) +
              " | worth real images |", "|---" * (len(kinds) + 4) + "|"]
    for name, document in documents:
        rows = [row_of(document, kind) for kind, _ in kinds]
        cells = [f"{share(row['accuracy'])} ({spread(row['interval'])})" if row else "-" for row in rows]
        tests = document["sets"].get("test", document["sets"]["train"])["images"]
        lines.append(f"| {name} | {document['sets']['train']['images']} | {tests} | " + " | ".join(cells) + f" | {worth(document)} |")
    lines += ["", "| images | TSTR - TRTR | TRTR + S - TRTR | TRTR + S - TRTR + classic |", "|---|---|---|---|"]
    for name, document in documents:
        pairs = [("tstr", "trtr"), ("trtr_s", "trtr"), ("trtr_s", "trtr_classic")]
        lines.append(f"| {name} | " + " | ".join(points(compared(document, a, b)) for a, b in pairs) + " |")
    first = documents[0][1]
    lines += ["", f"{first['seeds']} seeds, {first['steps']} steps for every classifier. Per cent of the test images, with 95 % "
              "intervals from resampling test images and seeds together; differences in points on the same test images, p by "
              "McNemar's exact test. TRTR and TSTR learn without classic augmentation; above, in the table of recipes, both have it.", ""]


def augmentation(lines, names):
    documents = [(name[len("augment-"):].rsplit("-", 1)[0], read(name)) for name in names]
    documents = [(name, document) for name, document in documents if document]
    if not documents:
        return
    lines += ["### Augmentation with few real images", "",
              "| images | real | seeds | none | classic | GAN | classic + GAN | classic + GAN - classic | the gain is real | "
              "with the most: classic + GAN - classic | GAN - none |",
              "|---" * 11 + "|"]
    for name, document in documents:
        def best(kind):
            return " / ".join(f"{share(row['accuracy'])} ({row['synthetic']})" for row in document["rows"] if row["name"] == kind)
        real = f"{document['real']}" + (f", draw {document['seed']}" if document["seed"] != 1 else "")
        lines.append(f"| {name} | {real} | {document['seeds']} | {share(row_of(document, 'none')['accuracy'])} | "
                     f"{share(row_of(document, 'classic')['accuracy'])} | {best('gan')} | {best('classic_gan')} | "
                     f"{points(compared(document, 'classic_gan', 'classic'))} | {'yes' if document['gain_is_real'] else 'no'} | "
                     f"{points(with_most(document, 'classic_gan', 'classic'))} | {points(with_most(document, 'gan', 'none'))} |")
    lines += ["", "In brackets: synthetic images added. The first difference is that of the number of synthetic images which other test "
              "images chose, with its 95 % interval and McNemar's exact p; the last two are those of the largest number.", ""]
    for name, document in documents:
        lines += [f"- {name}: {document['verdict']}"]
    lines += [""]


def predicted(fit, images):
    if "predicted" in fit: # a record from before there were any
        return fit["predicted"]
    error = fit["a"] * images ** -fit["b"] + fit["c"] if fit["form"] == "power" else fit["a"] - fit["b"] * math.log(images)
    return 1 - max(error, 0)


def estimates(lines, names):
    rows = []
    for name in names:
        half, whole = read(name + "-half"), read(name + "-all")
        if not half or not whole or not half.get("fits"):
            continue
        truth = whole["curve"][-1]
        guesses = [f"{share(predicted(fit, truth['images']))} ({fit['form']})" for fit in half["fits"]]
        rows.append(f"| {name[len('estimate-'):]} | {half['curve'][-1]['images']:.0f} | {truth['images']:.0f} | "
                    f"{' / '.join(guesses)} | {share(truth['accuracy'])} ({spread(truth['interval'])}) | "
                    f"{whole['how_many']['sentence']} {whole['how_long']['sentence']} |")
    if rows:
        lines += ["### Estimate: from half of the images", "",
                  "| images | seen | asked about | predicted accuracy | truth | what it says of all |", "|---|---|---|---|---|---|",
                  *rows, ""]


def main():
    with open(os.path.join(work, "list"), encoding="utf-8") as file:
        states = [line.split(None, 1) for line in file]
    names = [name for name, _ in states]
    for name in names:
        keep(name)
    lines = ["## Studies", "", "Written by `bench/studies` from `docs/records`; run it again with your own folder of data.", ""]
    conditions = read_file(os.path.join(records, "studies.md"))
    if conditions:
        lines += [conditions.strip(), ""]
    utility(lines, [name for name in names if name.startswith("utility-")])
    augmentation(lines, [name for name in names if name.startswith("augment-")])
    estimates(lines, sorted({name.rsplit("-", 1)[0] for name in names if name.startswith("estimate-")}))
    waiting = [f"- {name}: {state.strip()}" for name, state in states if not read(name)]
    if waiting:
        lines += ["Not finished:", "", *waiting, ""]
    while lines[-1] == "":
        lines.pop()
    print("\n".join(lines))


main()
