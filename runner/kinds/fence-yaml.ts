import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'

/** The value of a step's `yaml` fence, as `parse` reads it. */
export function readYamlFence(text: string, parse: (text: string) => unknown): Outcome<unknown> {
  try {
    return success(parse(text))
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n')
    return failure(`The fence is not valid YAML: ${line.replace(/:$/, '')}`)
  }
}
