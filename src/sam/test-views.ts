/** What a model is shown in each view of an image, and how its answer is laid back. */
import type { GreyImage } from '#core/image.ts'
import type { TestView } from '#core/test-view.ts'
import { type Affine, mirrored, warpImage, zoomed } from '#imaging/warp.ts'

/** How large an image is in its smaller view. */
const SMALLER = 0.8

/** The image as a view shows it; same size. */
export function shownIn(view: TestView, image: GreyImage): GreyImage {
  return through(image, view === 'smaller' ? zoomed(image, SMALLER) : mirrored(image.width), view)
}

/** What a view gave, laid back over the image as it is; same size, whatever that is. */
export function laidBack(view: TestView, answer: GreyImage): GreyImage {
  return through(answer, view === 'smaller' ? zoomed(answer, 1 / SMALLER) : mirrored(answer.width), view)
}

function through(image: GreyImage, affine: Affine, view: TestView): GreyImage {
  return view === 'plain' ? image : warpImage(image, affine)
}
