import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { secretsSchema, sourceOf } from '../../model/secret-list.ts'
import type { ListedSecret } from '../../model/secret-list.ts'
import { parseYaml } from '../../model/text/yaml.ts'
import { readSecret } from './read-secret.ts'
import { firstIssue } from '../../model/first-issue.ts'
import { regularFile } from '../../regular-file.ts'

/** Where references lead. */
export interface SecretStore {
  /** Absolute path of secrets.yaml. */
  file: string
  /** Folder that files are relative to, and where programs start. */
  root: string
  env: Record<string, string | undefined>
}

/** The listed secrets by the path of their reference. */
export function readSecretList(file: string): Outcome<Readonly<Record<string, ListedSecret>>> {
  const list = regularFile(file)
  if (!list.ok) return failure(`${file} ${list.problem.message}`, { hint: 'Correct the file and try again.' })
  if (!list.value)
    return failure(`The list of secrets ${file} does not exist`, {
      hint: 'Write it as in the documentation of secrets.',
    })
  try {
    const read = secretsSchema.safeParse(parseYaml(list.value.toString('utf8')))
    if (read.success) return success(read.data.secrets)
    return failure(`${file}: ${firstIssue(read.error)}`, {
      hint: 'Correct the file and try again.',
    })
  } catch (error) {
    return failure(`${file} is not valid YAML: ${(error as Error).message.split('\n')[0]}`, {
      hint: 'Correct the file and try again.',
    })
  }
}

/** The value of a reference. */
export async function resolveReference(reference: string, store: SecretStore): Promise<Outcome<string>> {
  const listed = readSecretList(store.file)
  if (!listed.ok) return listed
  const source = sourceOf(reference, listed.value)
  return source.ok ? await readSecret(reference, source.value, store.root, store.env) : source
}
