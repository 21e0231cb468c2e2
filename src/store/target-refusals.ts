import { DistroError } from '../base/errors.ts'

/** The error for a target that holds something else; `difference` is the first thing in which it differs, where it is known. */
export function targetDiffers(target: string, difference?: string): DistroError {
  const what = difference === undefined ? 'holds something else' : `differs: ${difference}`
  return new DistroError('TARGET_DIFFERS', `${target} exists and ${what}.`, {
    hint: 'Use --overwrite to replace it as a whole, which deletes what is not in the torrent, or choose another directory.',
  })
}

/** The error for a part that may be completed in one step alone, where there is no such step. */
export function cannotExchange(target: string): DistroError {
  const what = 'could only be completed by one rename that exchanges two folders, which did not work here'
  return new DistroError('TARGET_DIFFERS', `${target} holds a part, and ${what}; what was fetched is kept.`, {
    hint: 'Move it away and run the same command again.',
  })
}

/** The error for a target that is a link, a device or the like. */
export function targetIsNoTree(target: string): DistroError {
  return new DistroError('PATH_REFUSED', `${target} is a link or a special file.`, {
    hint: 'Remove it, or choose another directory: distro does not write through links.',
  })
}
