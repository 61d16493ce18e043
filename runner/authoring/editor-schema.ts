import * as z from 'zod'
import { metaSchema } from '../model/meta.ts'
import { elementName } from '../model/steps/kind-spec.ts'
import { peopleSchema } from '../people.ts'
import { scenarioFileSchema } from '../scenarios/format/scenario-schema.ts'
import type { Kind } from '../kinds/kind.ts'
import { elementAttributes } from './element-attributes.ts'

/** The JSON schema of the frontmatter, for editors that check YAML. */
export function frontmatterSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(metaSchema, {
    io: 'input',
    unrepresentable: 'any',
    target: 'draft-7',
  })
  return { $schema, $id: idOf('frontmatter'), title: 'Frontmatter of a runbook', ...schema }
}

/** The JSON schema of a file of scenarios. */
export function scenariosFileSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(scenarioFileSchema, { io: 'input', target: 'draft-7' })
  return { $schema, $id: idOf('scenarios'), title: 'Scenarios of a runbook', ...schema }
}

/** The JSON schema of people.yaml. */
export function peopleFileSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(peopleSchema, { io: 'input', target: 'draft-7' })
  return { $schema, $id: idOf('people'), title: 'People of a workspace', ...schema }
}

/** The address that SchemaStore gives a schema. */
function idOf(name: string): string {
  return `https://json.schemastore.org/runbook-${name}.json`
}

/** The step elements as types, from which an MDX language server completes and checks attributes. */
export function elementTypes(kinds: readonly Kind[]): string {
  const elements = kinds.map((kind) => {
    const lines = elementAttributes(kind).map(
      ({ name, description, type, required }) =>
        `${comment(description)}  ${name}${required ? '' : '?'}: ${type};`,
    )
    return `/** ${kind.summary} */\nexport interface ${elementName(kind.name)}Attributes {\n${lines.join('\n')}\n  children?: unknown;\n}`
  })
  const members = kinds.map(
    ({ name }) => `  ${elementName(name)}: (attributes: ${elementName(name)}Attributes) => null;`,
  )
  return `${header}\n\n${elements.join('\n\n')}\n\ndeclare global {\n  interface MDXProvidedComponents {\n${members.map((line) => `  ${line}`).join('\n')}\n  }\n}\n`
}

function comment(text: string): string {
  return text === '' ? '' : `  /** ${text.replaceAll('*/', '* /')} */\n`
}

const header =
  '// Made from the step kinds by `runbook schema`; do not edit. A template such as ${{ inputs.x }} may stand for any text.'
