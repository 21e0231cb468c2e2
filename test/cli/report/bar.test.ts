import { describe, expect, it } from 'vitest'
import type { VerbEvents } from '../../../src/app/events.ts'
import { Events } from '../../../src/base/events.ts'
import { BarReporter } from '../../../src/cli/report/bar.ts'
import { styleOf } from '../../../src/cli/report/style.ts'
import { Talk } from '../../../src/cli/report/talk.ts'
import { FakeWorld } from '../fake-world.ts'
import { progressAt, sampleDone, sampleSwitch } from '../sample-events.ts'
import { screenOf } from './screen-of.ts'

function reporting(detail: { columns?: number; isUnicode?: boolean; wantsColor?: boolean } = {}) {
  const { columns = 100, isUnicode = true, wantsColor = false } = detail
  const world = new FakeWorld({ isTerminal: true, columns })
  const style = styleOf(world.stderr, world.env, wantsColor)
  const loudness = { isQuiet: false, isVerbose: false }
  const reporter = new BarReporter('fetch', world.stderr, style, isUnicode, (output) => new Talk(output, style, loudness))
  const events = new Events<VerbEvents>()
  reporter.follow(events)
  return { world, reporter, events }
}

describe('BarReporter', () => {
  it('draws a bar with per cent, amount, rate, peers and eta', () => {
    const { world, reporter, events } = reporting()
    events.emit('progress', progressAt(0.5))
    expect(screenOf(world.err)).toEqual([
      'fetching  █████████░░░░░░░░░░   50 %  128.0/256.0 MiB  92.0 MiB/s  5 peers  eta 2 s  1.0 MiB/s up',
    ])
    reporter.stop()
  })

  it('uses plain characters where the locale has no others', () => {
    const { world, reporter, events } = reporting({ isUnicode: false })
    events.emit('progress', progressAt(0.5))
    expect(screenOf(world.err)[0]).toContain('  #########----------  ')
    reporter.stop()
  })

  it.each([20, 40, 60, 80, 200])('fits into %i columns, leaving out what matters least', (columns) => {
    const { world, reporter, events } = reporting({ columns })
    events.emit('progress', progressAt(0.5))
    const [line = ''] = screenOf(world.err)
    // With room for the ^C of a terminal.
    if (columns >= 40) expect(line.length + '^C'.length).toBeLessThan(columns)
    expect(line).toMatch(/^fetching {2}[█░]* {2}.*50 %/)
    reporter.stop()
  })

  it('scrolls sentences by above the bar and draws it again', () => {
    const { world, reporter, events } = reporting()
    events.emit('progress', progressAt(0.5))
    events.emit('warning', { message: 'The tracker is away.' })
    events.emit('warning', { message: 'It is back.' })
    const [first, second, bar] = screenOf(world.err)
    expect([first, second]).toEqual(['warning: The tracker is away.', 'warning: It is back.'])
    expect(bar).toContain('50 %')
    reporter.stop()
  })

  it('says above the bar which release is current now, and which are gone', () => {
    const { world, reporter, events } = reporting()
    events.emit('progress', progressAt(0.5))
    events.emit('switched', sampleSwitch)
    events.emit('releaseRemoved', { release: 'app-5ad3a31cf570', path: '/srv/app/app-5ad3a31cf570' })
    const lines = screenOf(world.err)
    expect(lines.slice(0, 2)).toEqual([
      'current is app-c12fe1c06bba now; it was app-160f240d998f',
      'removed the old release app-5ad3a31cf570',
    ])
    reporter.stop()
  })

  it('leaves one summary line behind and no bar', () => {
    const { world, events, reporter } = reporting()
    events.emit('progress', progressAt(0.99))
    events.emit('done', sampleDone)
    reporter.stop()
    expect(screenOf(world.err)).toEqual(['fetched app: 256 MiB in 2.8 s, 91.4 MiB/s', ''])
  })

  it('clears itself away when it is stopped, and may be stopped twice', () => {
    const { world, events, reporter } = reporting()
    events.emit('progress', progressAt(0.2))
    reporter.stop()
    reporter.stop()
    expect(screenOf(world.err)).toEqual([''])
  })

  it('makes room while a result is printed', () => {
    const { world, events, reporter } = reporting()
    events.emit('progress', progressAt(0.5))
    reporter.pause(() => world.stderr.write('magnet:?xt=...\n'))
    const [result, bar] = screenOf(world.err)
    expect(result).toBe('magnet:?xt=...')
    expect(bar).toContain('50 %')
    reporter.stop()
  })

  it('shows a seed without a bar, because it has no end', () => {
    const { world, reporter, events } = reporting()
    events.emit('progress', { ...progressAt(1), phase: 'seed' })
    expect(screenOf(world.err)).toEqual(['seeding   1.0 MiB/s up  5 peers  2 seeds'])
    reporter.stop()
  })

  it('colours the bar on a terminal unless NO_COLOR or TERM=dumb says otherwise', () => {
    const isColoured = (env: Record<string, string>, wantsColor = true): boolean => {
      const { world } = reporting()
      return styleOf(world.stderr, env, wantsColor).red('x') !== 'x'
    }
    expect(isColoured({})).toBe(true)
    expect(isColoured({ NO_COLOR: '' })).toBe(true)
    expect(isColoured({ NO_COLOR: '1' })).toBe(false)
    expect(isColoured({ TERM: 'dumb' })).toBe(false)
    expect(isColoured({}, false)).toBe(false)
    const { world, reporter, events } = reporting({ wantsColor: true, columns: 60 })
    events.emit('progress', progressAt(0.5))
    expect(world.err).toContain('\u001b[36m')
    expect(screenOf(world.err)[0]?.length).toBeLessThan(60)
    reporter.stop()
  })
})
