import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { MeasuredProcess } from '../../bench/harness/measured-process.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'distro-test-'))
const logPath = path.join(folder, 'log')
const place = { root: path.resolve(import.meta.dirname, '../..'), bundle: '' }
afterAll(() => rmSync(folder, { recursive: true }))

describe.runIf(existsSync('/usr/bin/python3'))('a measured process', () => {
  test('its exit code, time and memory are reported', async () => {
    const measured = new MeasuredProcess(place, { words: ['sh', '-c', 'echo ready; exit 3'] }, { logPath })
    expect(await measured.line()).toBe('ready')
    const [started, usage] = await Promise.all([measured.started, measured.ended])
    expect(usage.exitCode).toBe(3)
    expect(usage.wallSeconds).toBeGreaterThan(0)
    expect(usage.monotonic).toBeGreaterThan(started.monotonic)
    expect(usage.peakRssKiB).toBeGreaterThan(500)
  })

  test('a line is found whether it came before or after it was waited for', async () => {
    const measured = new MeasuredProcess(place, { words: ['sh', '-c', 'echo one; echo two; echo three'] }, { logPath })
    expect(await measured.line('two')).toBe('two')
    expect(await measured.line('one')).toBe('one')
    expect(await measured.line('th')).toBe('three')
    await measured.ended
  })

  test('CPU time includes that of threads and children which have ended', async () => {
    const burn = 'const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end);'
    const script = `new (require('node:worker_threads').Worker)(${JSON.stringify(burn)}, { eval: true })`
    const measured = new MeasuredProcess(place, { words: ['sh', '-c', '"$0" -e "$1"; exit 0', process.execPath, script] }, { logPath })
    expect((await measured.ended).cpuSeconds).toBeGreaterThan(0.29)
  })

  test('a waiting process starts when it is told to, with the environment given', async () => {
    const command = { words: ['sh', '-c', 'echo "$GREETING"'], env: { GREETING: 'hello' } }
    const measured = new MeasuredProcess(place, command, { logPath, wait: true })
    await measured.waiting
    measured.go()
    expect(await measured.line()).toBe('hello')
    await measured.ended
  })

  test('a process that is stopped gets SIGTERM and the time to leave in order', async () => {
    const words = [process.execPath, '-e', "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1e9); console.log('ready')"]
    const measured = new MeasuredProcess(place, { words }, { logPath })
    await measured.line()
    expect(await measured.cpuSecondsSoFar()).toBeGreaterThanOrEqual(0)
    expect((await measured.stop()).exitCode).toBe(7)
  })

  test('a process that is killed is gone with what it started', async () => {
    const measured = new MeasuredProcess(place, { words: ['sh', '-c', 'sleep 1000 & echo $!; wait'] }, { logPath })
    const child = await measured.line()
    expect((await measured.kill()).exitCode).toBe(-9)
    expect(existsSync(`/proc/${child}`) && !readFileSync(`/proc/${child}/stat`, 'latin1').includes(') Z')).toBe(false)
  })

  test('a program that is not there ends with 127 and says so in the log', async () => {
    const measured = new MeasuredProcess(place, { words: ['/nowhere/program'] }, { logPath })
    expect((await measured.ended).exitCode).toBe(127)
    expect(readFileSync(logPath, 'utf8')).toContain('/nowhere/program')
  })
})
