"""Shape and texture of regions by scikit-image, the oracle of scikit-image.test.ts.

One JSON object on standard input: a list of cases, each with height, width, mask (0/1), levels (0 outside) and the
number of times that rows are repeated to make the pixels square. A list of objects in the same order on standard output.
"""

import json
import sys

import numpy as np
from scipy import stats
from skimage import feature, measure


def shape_of(mask, repeats):
    [region] = measure.regionprops(np.repeat(mask, repeats, axis=0).astype(np.uint8))
    top, left, bottom, right = region.bbox
    return {
        "area": region.area,
        "equivalentDiameter": region.equivalent_diameter_area,
        "majorAxis": region.axis_major_length,
        "minorAxis": region.axis_minor_length,
        "eccentricity": region.eccentricity,
        "orientation": region.orientation,
        "solidity": region.solidity,
        "perimeter": region.perimeter_crofton,
        "maximumDiameter": region.feret_diameter_max,
        "depthToWidthRatio": (bottom - top) / (right - left),
    }


def glcm_of(levels):
    """Means over the four directions; level 0, the outside, is taken out of the matrices before they are normalised."""
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    counts = feature.graycomatrix(levels, [1], angles, levels=int(levels.max()) + 1, symmetric=True)
    counts[0] = 0
    counts[:, 0] = 0
    p = counts / counts.sum(axis=(0, 1), keepdims=True)
    names = ["contrast", "dissimilarity", "homogeneity", "ASM", "correlation"]
    found = {name: feature.graycoprops(p, name).mean() for name in names}
    found["jointMaximum"] = p.max(axis=(0, 1)).mean()
    found["jointEntropy"] = np.mean([stats.entropy(p[:, :, 0, k].ravel(), base=2) for k in range(4)])
    return found


def first_order_of(values):
    return {
        "mean": values.mean(),
        "variance": values.var(),
        "skewness": stats.skew(values),
        "excessKurtosis": stats.kurtosis(values),
        "percentile10": np.percentile(values, 10),
        "percentile90": np.percentile(values, 90),
        "interquartileRange": stats.iqr(values),
        "entropy": measure.shannon_entropy(values),
    }


def answer(case):
    size = (case["height"], case["width"])
    mask = np.array(case["mask"]).reshape(size)
    levels = np.array(case["levels"]).reshape(size)
    return {
        "shape": shape_of(mask, case["repeats"]),
        "glcm": glcm_of(levels),
        "firstOrder": first_order_of(levels[levels > 0].astype(float)),
    }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout, default=float)
