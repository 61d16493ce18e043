import { spawnSync } from 'node:child_process'
import type { Row } from './table.ts'

/** A whole command, timed from outside. */
export interface Timed {
  name: string
  command: readonly [string, ...string[]]
  cwd?: string
  /** The exit code of a run that counts. Default: 0. */
  exit?: number
}

export interface Figure {
  name: string
  /** Median of the runs, in milliseconds. */
  median: number
  min: number
}

/** Runs commands in turn, A B A B …, so that a machine whose speed drifts slows all of them alike. */
export function interleave(commands: readonly Timed[], runs: number, warmups = 2): Figure[] {
  const times = commands.map(() => [] as number[])
  for (let round = -warmups; round < runs; round++) {
    for (const [index, one] of commands.entries()) {
      const ms = time(one)
      if (round >= 0) times[index]?.push(ms)
    }
  }
  return commands.map(({ name }, index) => figure(name, times[index] ?? []))
}

function figure(name: string, times: readonly number[]): Figure {
  const sorted = times.toSorted((a, b) => a - b)
  return { name, median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, min: sorted[0] ?? Number.NaN }
}

function time({ name, command: [program, ...args], cwd, exit = 0 }: Timed): number {
  const started = performance.now()
  const { status, stderr } = spawnSync(program, args, {
    ...(cwd ? { cwd } : {}),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ms = performance.now() - started
  if (status !== exit)
    throw new Error(`${name} exited with ${status}, expected ${exit}: ${stderr.toString()}`)
  return ms
}

/** The row of two figures of one run. */
export function ratioRow(
  what: string,
  one: Figure | undefined,
  other: Figure | undefined,
  budget?: number,
): Row {
  return {
    what,
    figure: one?.median ?? Number.NaN,
    against: other?.name ?? '',
    reference: other?.median ?? Number.NaN,
    ...(budget === undefined ? {} : { budget }),
  }
}

/** The row of a figure that may take so long, in milliseconds. */
export function budgetRow(what: string, one: Figure | undefined, budgetMs: number): Row {
  return { what, figure: one?.median ?? Number.NaN, against: 'its budget', reference: budgetMs, budget: 1 }
}
