import { createHash } from 'node:crypto'
import { toHex } from '../base/bytes.ts'
import type { TorrentInfo } from '../torrent/info.ts'
import type { Resource } from './answer.ts'
import { ContentPaths } from './content-paths.ts'
import type { ContentSource } from './content-source.ts'
import { entityTag } from './entity-tag.ts'
import { memorySource } from './memory-source.ts'
import { zeros } from './zeros.ts'

/** What is published, and where its bytes are. */
export interface PublishedContent {
  readonly info: TorrentInfo
  readonly infoHash: Uint8Array
  /** When a file was last changed, in milliseconds since 1970; undefined when it is not known. */
  modifiedMs(file: number): number | undefined
  /** The bytes of a file, from its start on. */
  sourceOf(file: number): ContentSource
}

/** Something that can be asked for, with its bytes. */
export interface Entry {
  readonly resource: Resource
  readonly source: ContentSource
}

/** All that can be asked for: the files of one torrent, and the .torrent once it is there. */
export class Catalogue {
  readonly #content: PublishedContent
  readonly #infoHash: string
  readonly #paths: ContentPaths
  #torrent: Entry | undefined

  constructor(content: PublishedContent) {
    this.#content = content
    this.#infoHash = toHex(content.infoHash)
    this.#paths = new ContentPaths(content.info)
  }

  /** The .torrent is to be had from now on, beside the content: at `/name.torrent`. */
  addTorrent(bytes: Uint8Array): void {
    const tag = `"${createHash('sha1').update(bytes).digest('hex')}"`
    const resource = { tag, modifiedMs: undefined, lengthBytes: bytes.length, contentType: 'application/x-bittorrent' }
    this.#torrent = { resource, source: memorySource(bytes) }
  }

  /** What is at these elements of a path. */
  find(elements: readonly string[]): Entry | undefined {
    const { info } = this.#content
    const file = this.#paths.find(elements)
    if (file === undefined) return elements.length === 1 && elements[0] === `${info.name}.torrent` ? this.#torrent : undefined
    const { lengthBytes = 0, kind } = info.files[file] ?? {}
    const modifiedMs = kind === 'padding' ? undefined : this.#content.modifiedMs(file)
    const resource: Resource = {
      tag: entityTag(this.#infoHash, file),
      modifiedMs: modifiedMs === undefined ? undefined : Math.floor(modifiedMs / 1_000) * 1_000,
      lengthBytes,
      contentType: 'application/octet-stream',
    }
    return { resource, source: kind === 'padding' ? zeros : this.#content.sourceOf(file) }
  }
}
