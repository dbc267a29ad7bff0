"""The Chebyshev coefficients of src/evaluation/normal-tail.ts.

Run from the repository root:  python bench/golden/erfc_coefficients.py
Needs: mpmath. Prints them.

ln(erfc(z) / t) + z^2 with t = 2 / (2 + z) is a smooth function of t on (0, 1], that is of z >= 0.
"""

from mpmath import cos, erfc, exp, log, mp, mpf, pi, sqrt

mp.dps = 60
NODES = 80
COEFFICIENTS = 28  # the next is 5e-20


def smooth(t):
    z = 2 / t - 2
    if z < 50:
        return log(erfc(z) / t) + z * z
    # erfc(z) = exp(-z^2) / (z sqrt(pi)) * (1 - 1 / (2 z^2) + 1 * 3 / (2 z^2)^2 - ...)
    term, total = mpf(1), mpf(0)
    for k in range(40):
        total += term
        term *= -(2 * k + 1) / (2 * z * z)
    return log(total / (z * sqrt(pi)) / t)


def main():
    angles = [pi * (k + mpf(1) / 2) / NODES for k in range(NODES)]
    values = [smooth((cos(angle) + 1) / 2) for angle in angles]
    for j in range(COEFFICIENTS):
        coefficient = mpf(2) / NODES * sum(value * cos(j * angle) for value, angle in zip(values, angles))
        print(f"  {float(coefficient / (2 if j == 0 else 1))!r},")


if __name__ == "__main__":
    main()
