declare module 'bencode' {
  const bencode: {
    encode(value: unknown): Uint8Array
    decode(bytes: Uint8Array): unknown
  }
  export default bencode
}

declare module 'create-torrent' {
  export interface CreateTorrentOptions {
    readonly announceList?: readonly (readonly string[])[]
    readonly pieceLength?: number
    readonly private?: boolean
  }
  export default function createTorrent(
    input: string,
    options: CreateTorrentOptions,
    done: (error: Error | null, torrent: Uint8Array) => void,
  ): void
}

declare module 'parse-torrent' {
  export interface ParsedMagnet {
    readonly infoHash: string
    readonly name?: string
    readonly announce: readonly string[]
    readonly urlList: readonly string[]
    readonly peerAddresses: readonly string[]
    readonly so?: readonly number[]
  }
  export default function parseTorrent(id: string): Promise<ParsedMagnet>
}
