import type * as z from 'zod'
import { parseYaml } from '../model/text/yaml.ts'
import { unusableFile } from './unusable-file.ts'
import { firstIssue } from '../model/first-issue.ts'

/** The value of a YAML text, when a schema takes it. @throws {ProblemError} naming the file and what is wrong in it */
export function checked<S extends z.ZodType>(schema: S, yaml: string, file: string): z.output<S> {
  let value: unknown
  try {
    value = parseYaml(yaml)
  } catch (error) {
    throw unusableFile(`${file}: It is not valid YAML: ${(error as Error).message.split('\n')[0]}`)
  }
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw unusableFile(`${file}: ${firstIssue(read.error)}`)
}
