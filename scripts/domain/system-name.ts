import { failure, success } from '../../runner/model/problem.ts'
import { httpUrl } from '../../runner/kit/types.ts'
import type { ValueType } from '../../runner/kit/types.ts'

/** The admin address of a lab, or the name of an environment in environments.yaml. */
export const systemName: ValueType<string> = {
  form: 'url|name',
  read(text) {
    const read = httpUrl.read(text)
    if (read.ok || !/^[a-z0-9][\w.-]*$/i.test(text))
      return read.ok ? read : failure(`${read.problem.message}, or the name of an environment`)
    return success(text)
  },
}

/** Whether it is an address, and so that of a lab. */
export function isAddress(system: string): boolean {
  return /^https?:/.test(system)
}
