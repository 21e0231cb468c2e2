/** What a host has put on the wire, in bytes; TCP and IP are not in it. */
export class Traffic {
  /** Bytes of blocks. */
  payloadBytes = 0
  /** The headers of blocks, and the messages about blocks: request, cancel, reject. */
  blockMessageBytes = 0
  haveBytes = 0
  /** Handshakes, bitfields, peer exchange, metadata, and everything else. */
  otherBytes = 0

  get overheadBytes(): number {
    return this.blockMessageBytes + this.haveBytes + this.otherBytes
  }

  add(other: Traffic): void {
    this.payloadBytes += other.payloadBytes
    this.blockMessageBytes += other.blockMessageBytes
    this.haveBytes += other.haveBytes
    this.otherBytes += other.otherBytes
  }
}
