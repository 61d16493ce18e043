import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { splitFrontmatter } from '../model/text/frontmatter.ts'
import { frontmatterSchema, peopleFileSchema, scenariosFileSchema } from './editor-schema.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const frontmatter = (text: string): string => splitFrontmatter(text).yaml ?? ''
const mdx = globSync('content/runbooks/*.mdx', { cwd: root })

// A schema is written anew by `node runner/main.mjs schema <name> > schemas/<name>.schema.json` and `npx oxfmt`.

/** Each schema, files that it must accept, and a file that it must refuse. */
const schemas = {
  frontmatter: {
    schema: frontmatterSchema() as { $id: string },
    valid: mdx.map((file): [string, string] => [file, frontmatter(read(file))]),
    invalid: 'title: x\ninputs: { version: { type: sting } }',
    at: '/inputs/version/type',
  },
  people: {
    schema: peopleFileSchema() as { $id: string },
    valid: [['content/people.yaml', read('content/people.yaml')]],
    invalid: 'people: { ada@example.com: { rols: [a] } }',
    at: '/people/ada@example.com',
  },
  scenarios: {
    schema: scenariosFileSchema() as { $id: string },
    valid: globSync('content/runbooks/*.scenarios.yaml', { cwd: root }).map((file) => [file, read(file)]),
    invalid: 'scenarios: [{ nam: x }]',
    at: '/scenarios/0',
  },
} satisfies Record<
  string,
  { schema: { $id: string }; valid: [string, string][]; invalid: string; at: string }
>

test.each(Object.entries(schemas))(
  'the schema of %s in the folder of schemas is current, accepts our own files and refuses a mistake at its place',
  (name, { schema, valid, invalid, at }) => {
    expect(JSON.parse(read(`schemas/${name}.schema.json`))).toEqual(schema)
    const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true })
    formats.default(ajv)
    const validate = ajv.compile(schema)
    expect(valid.length).toBeGreaterThan(0)
    for (const [file, text] of valid) {
      validate(parse(text))
      expect(validate.errors, file).toBeNull()
    }
    expect(validate(parse(invalid))).toBe(false)
    expect(validate.errors?.map(({ instancePath }) => instancePath)).toContain(at)
  },
)

test('the catalog entries for SchemaStore name each schema by its address', () => {
  const entries = JSON.parse(read('schemas/schemastore-catalog.json')) as { url: string }[]
  expect(entries.map(({ url }) => url)).toEqual(Object.values(schemas).map(({ schema }) => schema.$id))
})
