import type { ContentSource } from './content-source.ts'

/** The bytes of padding (BEP 47), of which none are on disk. */
export const zeros: ContentSource = {
  read(_offsetBytes, body, done) {
    body.fill(0)
    done(undefined)
  },
  confirm: (_offset, _length, done) => done(undefined),
}
