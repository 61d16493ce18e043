import * as z from 'zod'
import { parseAmount } from '../../kinds/gate/units.ts'

/** A look of a gate at one metric: `good`, `bad`, `nothing` (no data), `error`, or a value with its unit. */
export type Look = string

const words = ['good', 'bad', 'nothing', 'error']
const mostLooks = 100_000

/** Looks in turn, such as `good x2, 5%`; the last one goes on. */
export const looks = z.union([z.string(), z.number()]).transform((source, context): Look[] => {
  const list: Look[] = []
  for (const part of String(source).split(',')) {
    const [, look = '', times = '1'] = /^\s*(.+?)(?:\s+x(\d+))?\s*$/.exec(part) ?? []
    const count = Number(times)
    if ((words.includes(look) || parseAmount(look)) && count > 0 && list.length + count <= mostLooks)
      list.push(...Array<Look>(count).fill(look))
    else
      context.addIssue({
        code: 'custom',
        message: `Unexpected look \`${part.trim()}\`, expected \`${words.join('`, `')}\` or a value such as \`5%\`, and perhaps how often: \`good x3\``,
      })
  }
  return list
})
