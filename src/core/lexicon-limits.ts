/** Where one BI-RADS word ends and the next begins; unitless but for the angle. How they were chosen: ADR 23. */
export const LEXICON_LIMITS = {
  /** Pixels below which the grid, not the mass, makes a form irregular. */
  smallestShapePx: 100,
  /** A mass with so many substantial depressions is irregular; the lexicon leaves an oval one a few gentle undulations. */
  irregularLobes: 3,
  /** One with a lower solidity is irregular. */
  leastSolidity: 0.9,
  /** One that overlaps its own ellipse less is irregular. */
  leastEllipseOverlap: 0.9,
  /** One whose minor axis has this share of the major one is round. */
  roundElongation: 0.8,
  /** A long axis that rises or falls by less is parallel to the skin, which runs along the rows. */
  parallelWithinDeg: 45,
  /** A margin whose steps are a smaller share of the grey around it is not sharp. */
  leastEdgeAbruptness: 0.35,
  /** Posterior acoustic ratio of shadowing; its reciprocal is that of enhancement. */
  shadowingBelow: 0.7,
} as const
