import type { WebSeedContent } from '../../../src/web-seed/content.ts'

/** A file of a made-up torrent: its path with slashes, or `undefined` for padding, and its length in bytes. */
export type SampleFile = readonly [path: string | undefined, lengthBytes: number]

/** A made-up torrent with all of its bytes. */
export interface Sample {
  readonly content: WebSeedContent
  /** The whole byte stream, padding included. */
  readonly bytes: Buffer
  /** The bytes of one file. */
  fileBytes(path: string): Buffer
}

/** A torrent called `name` of one file. */
export function singleFile(name: string, lengthBytes: number): Sample {
  return sample(name, [[name, lengthBytes]], true)
}

/** A torrent that is the folder `name` with these files. */
export function folder(name: string, files: readonly SampleFile[]): Sample {
  return sample(name, files, false)
}

function sample(name: string, list: readonly SampleFile[], isSingleFile: boolean): Sample {
  let offsetBytes = 0
  const files = list.map(([path, lengthBytes]) => {
    const file = { path: path?.split('/') ?? ['.pad', String(lengthBytes)], lengthBytes, offsetBytes, kind: kindOf(path) }
    offsetBytes += lengthBytes
    return file
  })
  const bytes = Buffer.alloc(offsetBytes)
  // A prime, so that no two blocks are alike.
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31 + (at >> 8)) % 251
  for (const file of files) if (file.kind === 'padding') bytes.fill(0, file.offsetBytes, file.offsetBytes + file.lengthBytes)
  const infoHash = Uint8Array.from({ length: 20 }, (_, index) => index * 13)
  return {
    content: { infoHash, info: { name, files, isSingleFile, pieceLengthBytes: 16_384 } },
    bytes,
    fileBytes(path): Buffer {
      const file = files.find((one) => one.path.join('/') === path)
      return file === undefined ? Buffer.alloc(0) : bytes.subarray(file.offsetBytes, file.offsetBytes + file.lengthBytes)
    },
  }
}

function kindOf(path: string | undefined): 'file' | 'padding' {
  return path === undefined ? 'padding' : 'file'
}
