import type {
  CopyMessage,
  ExtensionHandshake,
  MetadataMessage,
  PartQuestion,
  PartSums,
  PeerExchangeMessage,
} from '../../../src/wire/extension-messages.ts'
import type { HashMessage } from '../../../src/wire/hash-message.ts'
import type { LinkHandler } from '../../../src/wire/link.ts'

/** One call of a link handler: its name without `on`, and what it was given. */
export type Call = readonly [name: string, ...values: unknown[]]

/** A link handler that writes down what it hears, and lets a test wait for it. */
export class Recorder implements LinkHandler {
  /** Every call but those that only count bytes. */
  readonly calls: Call[] = []
  receivedBytes = 0
  sentBytes = 0
  /** Where the bytes of a block go; a test may set it. */
  place: (piece: number, begin: number, length: number) => number = () => -1
  /** Called after each call is written down; a test may set it. */
  onCall: (call: Call) => void = () => {}
  readonly #waiting = new Set<() => void>()

  /** The calls of one name. */
  named(name: string): Call[] {
    return this.calls.filter((call) => call[0] === name)
  }

  /** Resolves once `isThere` holds; it is asked after every call. */
  until(isThere: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isThere()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** Resolves with the reason once the link is closed. */
  async closed(): Promise<string> {
    await this.until(() => this.named('Close').length > 0)
    return this.named('Close')[0]?.[1] as string
  }

  onChoke(): void {
    this.#note(['Choke'])
  }

  onUnchoke(): void {
    this.#note(['Unchoke'])
  }

  onInterested(): void {
    this.#note(['Interested'])
  }

  onNotInterested(): void {
    this.#note(['NotInterested'])
  }

  onHave(piece: number): void {
    this.#note(['Have', piece])
  }

  onBitfield(bytes: Uint8Array): void {
    this.#note(['Bitfield', Uint8Array.from(bytes)])
  }

  onHaveAll(): void {
    this.#note(['HaveAll'])
  }

  onHaveNone(): void {
    this.#note(['HaveNone'])
  }

  onRequest(piece: number, begin: number, length: number): void {
    this.#note(['Request', piece, begin, length])
  }

  onCancel(piece: number, begin: number, length: number): void {
    this.#note(['Cancel', piece, begin, length])
  }

  onReject(piece: number, begin: number, length: number): void {
    this.#note(['Reject', piece, begin, length])
  }

  onSuggest(piece: number): void {
    this.#note(['Suggest', piece])
  }

  onAllowedFast(piece: number): void {
    this.#note(['AllowedFast', piece])
  }

  onPort(port: number): void {
    this.#note(['Port', port])
  }

  onExtensionHandshake(handshake: ExtensionHandshake): void {
    this.#note(['ExtensionHandshake', handshake])
  }

  onMetadata(message: MetadataMessage): void {
    this.#note(['Metadata', message])
  }

  onPeerExchange(message: PeerExchangeMessage): void {
    this.#note(['PeerExchange', message])
  }

  onDontHave(piece: number): void {
    this.#note(['DontHave', piece])
  }

  onCopy(message: CopyMessage): void {
    this.#note(['Copy', message])
  }

  onCopyHeard(message: CopyMessage): void {
    this.#note(['CopyHeard', message])
  }

  onPartQuestion(message: PartQuestion): void {
    this.#note(['PartQuestion', message])
  }

  onPartSums(message: PartSums): void {
    this.#note(['PartSums', message])
  }

  onHashMessage(message: HashMessage): void {
    this.#note(['HashMessage', message])
  }

  onBlockStart(piece: number, begin: number, length: number): number {
    this.#note(['BlockStart', piece, begin, length])
    return this.place(piece, begin, length)
  }

  onBlockEnd(piece: number, begin: number, length: number): void {
    this.#note(['BlockEnd', piece, begin, length])
  }

  onReceived(bytes: number): void {
    this.receivedBytes += bytes
    this.#tell()
  }

  onSent(bytes: number): void {
    this.sentBytes += bytes
    this.#tell()
  }

  onClose(reason: string): void {
    this.#note(['Close', reason])
  }

  #note(call: Call): void {
    this.calls.push(call)
    this.onCall(call)
    this.#tell()
  }

  #tell(): void {
    for (const look of [...this.#waiting]) look()
  }
}
