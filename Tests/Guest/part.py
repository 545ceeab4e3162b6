"""Files to print, and what a printer has to execute for them: a reading of its own, shared with no program."""

import random


def part(moves=600, seed=1, hot=False):
    """Moves of some millimetres, about 25 a second; with heat where it is wanted. Comments and blanks are there to be dropped."""
    dice = random.Random(seed)
    lines = ["; a part for the guest suite", f"; seed {seed}", ""]
    if hot:
        lines += ["M140 S55", "M104 S200", "M190 S55", "M109 S200"]
    lines += ["G28", "G90", "M83", "G1 Z0.2 F600", "G1 F6000"]
    x, y = 100.0, 100.0
    for move in range(moves):
        if move % 100 == 99:
            lines += [";LAYER_CHANGE", f"G1 Z{0.2 + (move + 1) / 500:.1f} F600", "G1 F6000"]
        x = min(150, max(50, x + dice.uniform(-4, 4)))
        y = min(150, max(50, y + dice.uniform(-4, 4)))
        heat = f" E{dice.uniform(0.01, 0.1):.4f}" if hot else ""
        lines.append(f"G1 X{x:.3f} Y{y:.3f}{heat} ; move {move}")
    if hot:
        lines += ["M104 S0", "M140 S0"]
    return "\n".join(lines + ["G1 X100 Y180 F6000", ""])


def burnt(strokes=400, seed=1, mode="M4"):
    """A picture that a laser burns in strokes."""
    dice = random.Random(seed)
    lines = ["; burnt for the guest suite", "G21", "G90", "G0 X10 Y10", f"{mode} S300", "G1 F3000"]
    for stroke in range(strokes):
        lines.append(f"G1 X{10 + 4 * (stroke % 2)} Y{10 + stroke // 2 * 0.1:.1f} S{dice.randint(200, 400)}")
    return "\n".join(lines + ["M5", "G0 X0 Y0", ""])


# What a host asks by itself, and a printer's record leaves out.
ASKED = {"M20", "M27", "M31", "M105", "M110", "M113", "M114", "M115", "M119", "M154", "M155", "M400", "M503"}


def commands(text):
    """The lines that a printer has to execute, in order."""
    lines = (line.partition(";")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and line.split()[0] not in ASKED]


def fingerprint(text):
    """64-bit FNV-1a over them, a line feed after each, as `virtual-printer` reports it."""
    value = 0xCBF29CE484222325
    for byte in "".join(line + "\n" for line in commands(text)).encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
