import type { WebSeedMode } from '../app/fetch/fetch-request.ts'
import { KiB, MiB } from '../base/units.ts'
import type { HostPort } from '../discovery/host-port.ts'
import { type TorrentFormat, torrentFormats, USUAL_FORMAT } from '../torrent/torrent-format.ts'
import type { Option } from './option.ts'
import {
  addressOption,
  choiceOption,
  collectionsOption,
  delayOption,
  durationOption,
  globsOption,
  hostPortsOption,
  numberOption,
  pathOption,
  powerOfTwoOption,
  rateOption,
  switchOption,
  textOption,
  torrentsOption,
  trackersOption,
  webSeedsOption,
  zoneOption,
} from './option-kinds.ts'

/** How progress is shown on stderr. */
export type ProgressMode = 'auto' | 'bar' | 'lines' | 'json' | 'none'

const progressModes: readonly ProgressMode[] = ['auto', 'bar', 'lines', 'json', 'none']

/** Flags of every verb: what is printed, and where settings come from. */
export const outputOptions: {
  readonly progress: Option<ProgressMode>
  readonly json: Option<boolean>
  readonly quiet: Option<boolean>
  readonly verbose: Option<boolean>
  readonly color: Option<boolean>
  readonly config: Option<string | undefined>
} = {
  progress: choiceOption('how progress is shown on stderr; auto is a bar on a terminal and plain lines elsewhere', progressModes, 'auto'),
  json: switchOption('one JSON object a line on stdout, for programs', false),
  quiet: switchOption('only results and errors', false, { letter: 'q' }),
  verbose: switchOption('say more: every peer, and the cause of an error', false),
  color: switchOption('use colours on a terminal; NO_COLOR and TERM=dumb turn them off too', true),
  config: pathOption('settings file to read in place of ./distro.config.json', 'file', { givenBy: 'flag' }),
}

const MOST_PEERS = 10_000

/** Flags of the verbs that bind a port. */
export const listenOptions: {
  readonly port: Option<number | undefined>
  readonly bind: Option<string | undefined>
  readonly dhtBootstrap: Option<readonly HostPort[]>
  readonly stateDir: Option<string | undefined>
} = {
  port: numberOption('port to listen on, TCP and UDP; 0 is any free one', 0, 65_535, {
    placeholder: 'PORT',
    fallbackText: '6881, or any free one',
  }),
  bind: addressOption('address of this machine to listen on'),
  dhtBootstrap: hostPortsOption(
    'DHT nodes to start from; without it distro dht starts from none, and the other verbs from the public ones',
    'HOST:PORT,...',
  ),
  stateDir: pathOption(
    'folder for what is remembered between runs, such as DHT nodes and which trees are where, and for the sockets of what runs',
    'folder',
    {
      fallbackText: '$XDG_STATE_HOME/distro, or ~/.local/state/distro',
    },
  ),
}

/** Flags of the verbs that join a swarm. */
export const networkOptions: typeof listenOptions & {
  readonly peer: Option<readonly HostPort[]>
  readonly dht: Option<boolean>
  readonly lsd: Option<boolean>
  readonly pex: Option<boolean>
  readonly tracker: Option<readonly string[]>
  readonly upLimit: Option<number>
  readonly downLimit: Option<number>
  readonly maxPeers: Option<number | undefined>
  readonly timeout: Option<number | undefined>
  readonly stallTimeout: Option<number | undefined>
} = {
  ...listenOptions,
  peer: hostPortsOption('connect to this peer at once; may be repeated', 'HOST:PORT'),
  dht: switchOption('find peers through the DHT', true),
  lsd: switchOption('find peers on the local network', true),
  pex: switchOption('let peers tell us of peers', true),
  tracker: trackersOption('announce to this tracker too; may be repeated'),
  upLimit: rateOption('send at most this much, in bytes a second'),
  downLimit: rateOption('receive at most this much, in bytes a second'),
  maxPeers: numberOption('connections at most', 1, MOST_PEERS, { fallbackText: '200' }),
  timeout: durationOption(
    'fail after this long, with exit code 3 or 4; without it info waits 1m, and seed, push, wait and fetch have no limit',
  ),
  stallTimeout: durationOption('fail when nothing came or went for this long, with exit code 3 or 4; without it there is no limit'),
}

/** Flags of the verbs that trade pieces. */
export const tradeOptions: { readonly zone: Option<string | undefined> } = {
  zone: zoneOption('our rack or site: each piece crosses into a zone about once; subnet makes a zone of each IPv4 /24 and IPv6 /64'),
}

/** Flags of the verbs that note where this host holds what. */
export const knownTreesOptions: { readonly knownTrees: Option<boolean> } = {
  knownTrees: switchOption('let fetches on this host take equal files from what was fetched to it or published from it before', true),
}

/** Flags of the verbs that may be for a part of a tree. */
export const selectOptions: { readonly select: Option<readonly string[]> } = {
  select: globsOption('only the files that match, or all in the folder that is named; may be repeated'),
}

/** Flags of the verb that takes content from web seeds. */
export const webSeedOptions: {
  readonly webSeed: Option<readonly string[]>
  readonly webSeeds: Option<boolean>
  readonly webSeedMode: Option<WebSeedMode>
  readonly webSeedDelay: Option<number | undefined>
  readonly trustMagnetUrls: Option<boolean>
} = {
  webSeed: webSeedsOption('ask this server for content too: an http(s) or s3 URL, or a folder; may be repeated', 'folder'),
  webSeeds: switchOption('ask the web seeds that the torrent names', true),
  webSeedMode: choiceOption('ask web seeds for what no peer has, or for anything at any time', ['fallback', 'always'], 'fallback'),
  webSeedDelay: delayOption('how long to wait for peers before a web seed is asked', { fallbackText: '1s' }),
  trustMagnetUrls: switchOption('ask the web seeds that the magnet names', false, { givenBy: 'trusted' }),
}

/** Flags of the verbs that switch releases. */
export const switchOptions: { readonly onSwitch: Option<string | undefined> } = {
  onSwitch: textOption('run this through the shell when current was switched; DISTRO_RELEASE and others, and JSON on stdin, tell it what', {
    placeholder: 'CMD',
    givenBy: 'trusted',
  }),
}

/** Flags of the verbs that make a torrent out of a tree. */
export const treeOptions: {
  readonly name: Option<string | undefined>
  readonly exclude: Option<readonly string[]>
  readonly pieceLength: Option<number | undefined>
  readonly format: Option<TorrentFormat | undefined>
  readonly comment: Option<string | undefined>
  readonly private: Option<boolean>
  readonly blockSums: Option<boolean>
  readonly similar: Option<readonly string[]>
  readonly collection: Option<readonly string[]>
  readonly modes: Option<boolean>
  readonly mtimes: Option<boolean>
  readonly webSeed: Option<readonly string[]>
} = {
  name: textOption('name in the torrent, in place of the last part of the path', { givenBy: 'flag', placeholder: 'NAME' }),
  exclude: globsOption('leave out what matches, a line of gitignore syntax after those of .distroignore; may be repeated'),
  pieceLength: powerOfTwoOption(
    'bytes in a piece; without it they fit the size of the content',
    16 * KiB,
    64 * MiB,
    'a power of two from 16K to 64M',
  ),
  format: choiceOption(
    'which clients can take it: v1 for all, v2 for new ones, with a root for each file, hybrid for both',
    torrentFormats,
    undefined,
    {
      fallbackText: USUAL_FORMAT,
    },
  ),
  comment: textOption('a comment for people, kept in the torrent'),
  modes: switchOption('publish what owner, group and others may do with each file and folder, not only exec bits', false),
  mtimes: switchOption('publish when each file, folder and link was modified; the info-hash then depends on it', false),
  private: switchOption('take peers only from the given trackers (BEP 27)', false),
  blockSums: switchOption('let later fetches find what moved inside large files; v2 and hybrid, six bytes for every 16 KiB', true),
  similar: torrentsOption('a torrent that may share files with this one, such as the release before (BEP 38); may be repeated'),
  collection: collectionsOption(
    'what the tree belongs to, such as a series of releases, whose torrents may share files (BEP 38); may be repeated',
  ),
  webSeed: webSeedsOption('name this server in the torrent as one that has the content (BEP 19); may be repeated'),
}
