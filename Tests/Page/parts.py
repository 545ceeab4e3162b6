"""A part of our own, as G-code: a ring of layers, long or short."""

import math


def ring(layers, points=60):
    lines = ["; a ring for the page's tests", f"; total layers count = {layers}",
             "; estimated printing time (normal mode) = 12m 0s", "M140 S45", "M104 S190", "G28", "M190 S45", "M109 S190",
             "G90", "M83", "G92 E0"]
    for layer in range(layers):
        height = 0.2 + 0.2 * layer
        lines += [";LAYER_CHANGE", f";Z:{height:.2f}", f"G1 Z{height:.2f} F7800"]
        for point in range(points + 1):
            angle = 2 * math.pi * point / points
            lines.append(f"G1 X{110 + 25 * math.cos(angle):.3f} Y{105 + 25 * math.sin(angle):.3f} E0.05 F2400")
    return "\n".join(lines + ["M104 S0", "M140 S0", ""])
