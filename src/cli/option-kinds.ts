import { isIP } from 'node:net'
import { isAbsolute, resolve } from 'node:path'
import type { CopiesWanted } from '../app/copies/copies-goal.ts'
import { isHostName, MAX_HOST_NAME_CHARACTERS } from '../base/host-name.ts'
import { isZoneName, MAX_ZONE_CHARACTERS, SUBNET_ZONES } from '../base/zone-name.ts'
import type { HostPort } from '../discovery/host-port.ts'
import { parseIdentifier } from '../torrent/identifier.ts'
import { parsePeerHost } from '../torrent/peer-host.ts'
import { isCollectionName } from '../torrent/torrent-hints.ts'
import { redactUrl } from '../web-seed/credentials/redact-url.ts'
import type { Option, Place } from './option.ts'
import { parseDuration } from './values/parse-duration.ts'
import { parseRate } from './values/parse-rate.ts'
import { parseSize } from './values/parse-size.ts'
import { parseTracker } from './values/parse-tracker.ts'
import { parseWholeNumber } from './values/parse-whole-number.ts'

/** The parts of an option that have a usual value. */
export type OptionDetail = Partial<
  Pick<Option<unknown>, 'fallbackText' | 'choices' | 'completes' | 'letter' | 'givenBy' | 'placeholder' | 'show' | 'advice'>
>

/** On or off: `--name`, `--no-name`. */
export function switchOption(describe: string, fallback: boolean, detail: OptionDetail = {}): Option<boolean> {
  return {
    ...plain(describe, 'true or false', detail),
    shape: 'switch',
    placeholder: '',
    fallback,
    fallbackText: String(fallback),
    read: ([text]) => (text === undefined ? undefined : truth[text.trim().toLowerCase()]),
  }
}

/** Any text but an empty one. */
export function textOption(describe: string, detail: OptionDetail = {}): Option<string | undefined> {
  return single(describe, 'some text', (text) => (text === '' ? undefined : text), undefined, detail)
}

/** One of a few words. */
export function choiceOption<Choice extends string, Fallback extends Choice | undefined>(
  describe: string,
  choices: readonly Choice[],
  fallback: Fallback,
  detail: OptionDetail = {},
): Option<Choice | Fallback> {
  const read = (text: string): Choice | undefined => choices.find((choice) => choice === text.trim())
  return single(describe, `one of ${choices.join(', ')}`, read, fallback, {
    placeholder: choices.join('|'),
    fallbackText: fallback ?? '',
    choices,
    ...detail,
  })
}

/** A path, made absolute. */
export function pathOption(describe: string, completes: 'file' | 'folder', detail: OptionDetail = {}): Option<string | undefined> {
  const placeholder = completes === 'file' ? 'FILE' : 'DIR'
  return single(describe, `the path of a ${completes}`, readPath, undefined, { placeholder, completes, ...detail })
}

/** A whole number from `least` to `most`. */
export function numberOption(describe: string, least: number, most: number, detail: OptionDetail = {}): Option<number | undefined> {
  const expects = most === Number.MAX_SAFE_INTEGER ? `a whole number, ${least} or more` : `a whole number from ${least} to ${most}`
  return single(describe, expects, (text) => parseWholeNumber(text, least, most), undefined, { placeholder: 'N', ...detail })
}

/** So many copies, or a share of them such as `95%`. */
export function copiesOption(describe: string, most: number): Option<CopiesWanted | undefined> {
  const read = (text: string): CopiesWanted | undefined => {
    const [, percent] = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(text.trim()) ?? []
    if (percent === undefined) return parseWholeNumber(text, 1, most)
    return Number(percent) > 0 && Number(percent) <= 100 ? { percent: Number(percent) } : undefined
  }
  return single(describe, `a whole number from 1 to ${most}, or a share such as 95%`, read, undefined, { placeholder: 'N' })
}

/** A decimal number above 0. */
export function ratioOption(describe: string, detail: OptionDetail = {}): Option<number | undefined> {
  const read = (text: string): number | undefined =>
    /^\d{1,6}(\.\d{1,6})?$/.test(text.trim()) && Number(text) > 0 ? Number(text) : undefined
  return single(describe, 'a number above 0 such as 1.5', read, undefined, { placeholder: 'R', ...detail })
}

/** A power of two from `least` to `most` bytes. */
export function powerOfTwoOption(describe: string, least: number, most: number, expects: string): Option<number | undefined> {
  const read = (text: string): number | undefined => {
    const bytes = parseSize(text)
    return bytes !== undefined && bytes >= least && bytes <= most && Number.isInteger(Math.log2(bytes)) ? bytes : undefined
  }
  return single(describe, expects, read, undefined, { placeholder: 'SIZE' })
}

/** Bytes a second; `Infinity` when there is no limit. */
export function rateOption(describe: string): Option<number> {
  return single(describe, 'a rate of 1k or more, in bytes a second, such as 500k or 20M, or none', parseRate, Number.POSITIVE_INFINITY, {
    placeholder: 'RATE',
    advice: '500k is 500 KiB a second, and 20M is 20 MiB a second.',
    fallbackText: 'none',
  })
}

/** A length of time. */
export function durationOption(describe: string, detail: OptionDetail = {}): Option<number | undefined> {
  return single(describe, 'a duration from 1ms to 24d such as 90s, 30m or 2h', parseDuration, undefined, { placeholder: 'DUR', ...detail })
}

/** A length of time, which may be none at all. */
export function delayOption(describe: string, detail: OptionDetail = {}): Option<number | undefined> {
  const read = (text: string): number | undefined => (/^0(?:ms|s|m|h|d)?$/.test(text.trim()) ? 0 : parseDuration(text))
  return single(describe, 'a duration from 0s to 24d such as 500ms or 30s', read, undefined, { placeholder: 'DUR', ...detail })
}

/** An IP address of this machine. */
export function addressOption(describe: string): Option<string | undefined> {
  const read = (text: string): string | undefined => (isIP(text.trim()) === 0 ? undefined : text.trim())
  return single(describe, 'an IP address such as 192.0.2.7 or ::1', read, undefined, { placeholder: 'ADDR' })
}

/** The name of a zone, or `subnet`. */
export function zoneOption(describe: string): Option<string | undefined> {
  const expects = `1 to ${MAX_ZONE_CHARACTERS} letters, digits and . _ : / - such as rack-7, or ${SUBNET_ZONES}`
  const read = (text: string): string | undefined => (text === SUBNET_ZONES || isZoneName(text) ? text : undefined)
  return single(describe, expects, read, undefined, { placeholder: 'NAME' })
}

/** The name of a host. */
export function hostNameOption(describe: string, placeholder = 'NAME'): Option<string | undefined> {
  const expects = `1 to ${MAX_HOST_NAME_CHARACTERS} characters that can be seen, without a blank at either end`
  return single(describe, expects, (text) => (isHostName(text) ? text : undefined), undefined, {
    placeholder,
    fallbackText: 'none',
  })
}

/** Places on the network; may be given several times, and several at once with commas between them. */
export function hostPortsOption(describe: string, placeholder: string): Option<readonly HostPort[]> {
  return list(
    describe,
    'HOST:PORT such as 192.0.2.7:6881 or [2001:db8::1]:6881',
    (text) => parsePeerHost(text.trim()),
    { placeholder },
    ',',
  )
}

/** Tracker URLs; may be given several times. */
export function trackersOption(describe: string): Option<readonly string[]> {
  return list(describe, 'an http, https or udp URL such as https://tracker.example/announce', parseTracker, { placeholder: 'URL' })
}

/** Web seeds; may be given several times. Which of them make sense is for whoever opens them to say; `completes` if they may be folders. */
export function webSeedsOption(describe: string, completes: 'nothing' | 'folder' = 'nothing'): Option<readonly string[]> {
  const read = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim())
  const show = (text: string): string => showWebSeed(text.trim())
  return list(describe, 'a URL such as https://mirror.example/folder/', read, { placeholder: 'URL', givenBy: 'trusted', show, completes })
}

/** Torrents by magnet, info-hash or .torrent file, whose path is made absolute; may be given several times. */
export function torrentsOption(describe: string): Option<readonly string[]> {
  const expects = 'a magnet, an info-hash, or the path of a .torrent file'
  return list(describe, expects, readTorrent, { placeholder: 'ID', givenBy: 'flag', completes: 'file' })
}

/** Names of collections (BEP 38); may be given several times. */
export function collectionsOption(describe: string): Option<readonly string[]> {
  const read = (text: string): string | undefined => (isCollectionName(text) ? text : undefined)
  return list(describe, 'a name of 1 to 255 bytes such as com.example.app', read, { placeholder: 'NAME' })
}

/** Paths of files or folders, made absolute; may be given several times. */
export function foldersOption(describe: string): Option<readonly string[]> {
  return list(describe, 'the path of a folder', readPath, { placeholder: 'DIR', completes: 'folder' })
}

/** Globs; may be given several times. */
export function globsOption(describe: string): Option<readonly string[]> {
  return list(describe, 'a glob such as "*.log"', (text) => (text === '' ? undefined : text), { placeholder: 'GLOB' })
}

const truth: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  on: true,
  false: false,
  '0': false,
  no: false,
  off: false,
}

function plain(describe: string, expects: string, detail: OptionDetail): Omit<Option<never>, 'shape' | 'fallback' | 'read'> {
  return {
    describe,
    expects,
    placeholder: 'TEXT',
    fallbackText: '',
    choices: [],
    completes: 'nothing',
    letter: undefined,
    advice: undefined,
    givenBy: 'anywhere',
    show: (text) => text,
    ...detail,
  }
}

function single<Value, Fallback>(
  describe: string,
  expects: string,
  read: (text: string, place: Place) => Value | undefined,
  fallback: Fallback,
  detail: OptionDetail,
): Option<Value | Fallback> {
  return {
    ...plain(describe, expects, detail),
    shape: 'value',
    fallback,
    read: ([text], place) => (text === undefined ? undefined : read(text, place)),
  }
}

function list<Item>(
  describe: string,
  expects: string,
  readItem: (text: string, place: Place) => Item | undefined,
  detail: OptionDetail,
  separator?: string,
): Option<readonly Item[]> {
  return {
    ...plain(describe, expects, detail),
    shape: 'list',
    fallback: [],
    read(texts, place) {
      const parts = texts.flatMap((text) => (separator === undefined ? [text] : text.split(separator)))
      const items = parts.map((part) => readItem(part, place))
      return items.every((item) => item !== undefined) ? items : undefined
    },
  }
}

/** A path as it is, and a URL without what is secret. What comes without a host, such as `user:password@host`, is shown as malformed. */
function showWebSeed(text: string): string {
  if (isAbsolute(text) || /^(?:\.\.?(?:[/\\]|$)|file:)/i.test(text)) return text
  return redactUrl(URL.canParse(text) && new URL(text).host !== '' ? text : '')
}

function readTorrent(text: string, place: Place): string | undefined {
  try {
    const { kind } = parseIdentifier(text)
    return kind === 'url' ? undefined : kind === 'path' ? readPath(text, place) : text.trim()
  } catch {
    return undefined
  }
}

function readPath(text: string, place: Place): string | undefined {
  return text === '' || text.includes('\0') ? undefined : resolve(place.baseDir, text)
}
