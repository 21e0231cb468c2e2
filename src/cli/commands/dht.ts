import { formatAddress } from '../../base/address.ts'
import type { Command, CommandContext } from '../command.ts'
import { stateFolder } from '../network-request.ts'
import { listenOptions, outputOptions } from '../options.ts'

type DhtOptions = typeof listenOptions & typeof outputOptions

/** `distro dht`. */
export const dhtCommand: Command<DhtOptions> = {
  name: 'dht',
  summary: 'run a stand-alone DHT node, for a closed network to start from',
  arguments: [],
  options: { ...listenOptions, ...outputOptions },
  examples: [
    { line: 'distro dht --port 6881', does: 'the first node of a closed network; its address is printed' },
    { line: 'distro dht --bind 10.0.0.2 --dht-bootstrap 10.0.0.1:6881', does: 'another one, which joins the first' },
    { line: 'distro seed dist/ --dht-bootstrap 10.0.0.1:6881', does: 'a seed in that network' },
  ],
  run: dht,
}

async function dht({ values, world, verbs, events, signal, printResult, printRecord }: CommandContext<DhtOptions>): Promise<number> {
  const request = { port: values.port, bindAddress: values.bind, bootstrap: values.dhtBootstrap, stateDir: stateFolder(values, world) }
  await verbs.dht(
    request,
    (address) => {
      printResult(formatAddress(address))
      printRecord('listening', { address: formatAddress(address) })
    },
    events,
    signal,
  )
  signal.throwIfAborted()
  return 0
}
