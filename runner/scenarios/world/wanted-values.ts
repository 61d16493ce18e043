import type { Metric } from '../../kinds/gate/metric.ts'
import { parseAmount } from '../../kinds/gate/units.ts'
import type { Look } from '../format/looks.ts'

/** A metric at one look: a value in the unit it counts in, or why there is none. */
export type Shown = number | 'nothing' | 'error'

/** The value that a look stands for. `good` is within the limit by a tenth, `bad` beyond it by as much. */
export function shownValue({ limit, measure, unit }: Metric, look: Look): Shown {
  if (look === 'nothing' || look === 'error') return look
  if (look !== 'good' && look !== 'bad') {
    const read = parseAmount(look)
    const factor = read?.unit.dimension === 'number' ? limit.unit.factor : (read?.unit.factor ?? 1)
    return ((read?.value ?? 0) * factor) / unit.factor
  }
  // A limit counts as reached, and below zero there is often nothing.
  const step = Math.abs(limit.value) * 0.1 || (look === 'good' ? 1 : 0)
  const inside = (limit.side === 'below') === (look === 'good')
  const value = inside ? limit.value - step : limit.value + step
  // A share has nothing beyond 1, and a limit counts as reached.
  return (measure.type === 'ratio' ? Math.min(1, value) : value) / unit.factor
}
