import type { Battle } from './attack.ts'

/** Fights many battles, two at a time: a machine for tests has two cores. */
export async function each(
  numbers: readonly number[],
  strike: (n: number) => Promise<Battle>,
): Promise<Battle> {
  const total: Battle = { kills: 0, asked: 0, lives: 0 }
  const left = [...numbers]
  const fight = async (): Promise<void> => {
    for (let n = left.shift(); n !== undefined; n = left.shift()) {
      const { kills, asked, lives } = await strike(n)
      total.kills += kills
      total.asked += asked
      total.lives += lives
    }
  }
  await Promise.all([fight(), fight()])
  return total
}

export const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)

export function say(what: string, { kills, asked, lives }: Battle): void {
  process.stdout.write(`${what}: ${kills} kills of the runner, ${lives} lives, ${asked} asked of a person\n`)
}
