import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kinds } from '../../kinds/all.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import type { Runbook } from '../../model/runbook.ts'
import type { Imported } from './draft.ts'
import { importDocument } from './import-document.ts'

const folder = join(import.meta.dirname, '../../../test/fixtures/import')

function imported(
  file: string,
  text = readFileSync(join(folder, file), 'utf8'),
): Imported & { format: string } {
  const result = importDocument({
    bytes: Buffer.from(text),
    file,
    name: 'Title',
    readdress: (url) => ({ url }),
    readFile: (path) =>
      path.endsWith('create.sh') ? readFileSync(join(folder, 'gruntwork', path), 'utf8') : undefined,
  })
  if (result?.ok !== true) throw new Error(`${file} is not imported`)
  return { ...result.value, format: result.format ?? '' }
}

/** The result as a runbook, which `check` finds no error in. */
function runbookOf({ text }: Imported): Runbook {
  const { document, diagnostics } = readRunbook(
    { file: 'page.mdx', slug: 'page', bytes: Buffer.from(text) },
    kinds,
  )
  expect(
    diagnostics.filter(({ severity }) => severity === 'error'),
    text,
  ).toEqual([])
  return document
}

const placed = ({ notes }: Imported): string[] => notes.map(({ line, message }) => `${line} ${message}`)
const stepsOf = ({ steps }: Runbook): string[] => steps.map(({ id, kind }) => `${kind} ${id}`)
const codeOf = ({ steps }: Runbook, id: string): string =>
  steps.find((step) => step.id === id)?.fences.find(({ role }) => role === 'main')?.code ?? ''

test('an Automation document becomes commands of the AWS command line, and the rest is for a person', () => {
  const result = imported('restart.yaml')
  const runbook = runbookOf(result)
  expect(result).toMatchObject({ format: 'SSM Automation', steps: 8, byHand: 2 })
  expect(stepsOf(runbook)).toEqual([
    'approval approve',
    'command describe',
    'ask which',
    'wait soak',
    'command stop-instances',
    'check is-stopped',
    'command resize',
    'checklist report',
  ])
  expect(codeOf(runbook, 'describe')).toBe(
    [
      `answer=$(aws ec2 describe-instances --output json --cli-input-json "$(jq -n '{"InstanceIds": ($ENV.instance_ids | split(","))}')")`,
      `echo "describe_kind=$(jq -r '.Reservations[0].Instances[0].InstanceType' <<< "$answer")" >> "$RUNBOOK_OUTPUT"`,
    ].join('\n'),
  )
  expect(codeOf(runbook, 'resize')).toContain(
    'handler({"kind": os.environ["describe_kind"], "ids": os.environ["instance_ids"].split(","), "run": "r-" + os.environ["automation_execution_id"]}, {})',
  )
  expect(runbook.meta.inputs).toMatchObject({
    instance_ids: { aliases: ['InstanceIds'] },
    mode: { type: 'choice', options: ['quick', 'careful'], default: 'quick' },
  })
  expect(runbook.steps.find(({ id }) => id === 'soak')?.attributes['when']?.value).toBe(
    "(!has(outputs.which_way) || outputs.which_way in ['soak'])",
  )
  expect(placed(result)).toEqual([
    '3 `assumeRole` has no counterpart and was left out',
    '5 `AutomationAssumeRole` was left out: the run has the rights of the person who runs it',
    '8 `displayType` of the parameter `Note` was left out',
    '13 `NotificationArn` of the step `approve` was left out',
    '22 the branch `which` is left to a person, who chooses where the run goes on',
    '33 `onFailure: step:report` of the step `stopInstances` was left out: a failure stops the run',
    '44 `automation:EXECUTION_ID` is not an output of a converted step and became the input `automation_execution_id`',
    '54 the step `report` (aws:invokeLambdaFunction) is left to a person: the action has no counterpart',
    '58 `outputs` has no counterpart and was left out',
  ])
})

test('a workflow becomes the scripts of its jobs in their order; its actions and conditions are for a person', () => {
  const result = imported('deploy.yml')
  const runbook = runbookOf(result)
  expect(result).toMatchObject({ format: 'GitHub Actions', steps: 6, byHand: 2 })
  expect(stepsOf(runbook)).toEqual([
    'checklist actions-checkout-v5',
    'command version',
    'command npm-ci',
    'command deploy-needs-build-outputs-version',
    'command write-host-done',
    'checklist cat-end',
  ])
  const deploy = codeOf(runbook, 'deploy-needs-build-outputs-version')
  expect(deploy).toContain('export TARGET="${environment}-\\$x"\nexport TOKEN="${deploy_token}"')
  expect(deploy).toContain(`echo ''"\${version_name}"' to' "$TARGET in \${REGION}"`)
  expect(deploy).toContain('if [ "${dry_run}" = true ]')
  expect(codeOf(runbook, 'version')).toContain('echo "version_name=$(sed -n')
  expect(runbook.steps[3]?.attributes).toMatchObject({
    when: { value: "inputs.run_job_deploy == 'true'" },
    timeout: { value: '300s' },
    onFailure: { value: 'continue' },
  })
  expect(runbook.meta.inputs).toMatchObject({
    deploy_token: { type: 'secret' },
    run_npm_ci: { type: 'boolean' },
  })
  expect(placed(result)).toEqual([
    '2 the trigger `push` was left out: a person starts the run',
    '8 `permissions` has no counterpart and was left out',
    '13 `runs-on` of the job `deploy` was left out',
    '14 `environment` of the job `deploy` was left out',
    "15 the condition `github.ref == 'refs/heads/main'` became the input `run_job_deploy`",
    "26 the step `cat <<'END'` is left to a person: an expression is in a quoted here-document",
    '31 `runs-on` of the job `build` was left out',
    '33 `strategy` of the job `build` was left out',
    '35 the step `actions/checkout@v5` is left to a person: it uses the action `actions/checkout@v5`',
    '38 the expression `github.run_number` became the input `github_run_number`',
    '41 the condition `always()` became the input `run_npm_ci`',
  ])
})

test('a Gruntwork runbook keeps its checks and commands, and its other blocks are for a person', () => {
  const result = imported('gruntwork/runbook.mdx')
  const runbook = runbookOf(result)
  expect(result).toMatchObject({ format: 'Gruntwork', steps: 6, byHand: 2 })
  expect(stepsOf(runbook)).toEqual([
    'checklist before-you-begin',
    'check tools',
    'command create-account',
    'command use',
    'checklist unit',
    'checklist gone',
  ])
  expect(codeOf(runbook, 'create-account')).toContain('echo "creating ${function_name}"')
  expect(codeOf(runbook, 'use')).toBe(`echo 'in '"\${account_id}"'' "\${stage}"`)
  expect(runbook.steps[2]?.title).toBe('Create ${{ inputs.function_name }}')
  expect(result.text).toContain('```bash example\nthis is only shown')
  expect(result.text).toContain('> [!WARNING]\n> **Before you begin**')
  expect(result.text).toContain('The words stay.')
  expect(placed(result)).toEqual([
    '1 the frontmatter field `layout` was left out',
    '28 the warning of the block `tools` was left out: an exit code that is not 0 is a failure',
    '32 `awsAuthId` of the block `use` was left out',
    '34 the block `unit` is left to a person: the block `<Template>` has no counterpart',
    '36 the block `gone` is left to a person: the file `scripts/gone.sh` is not there',
    '38 `<div>` was left out, its words stay',
    '38 `<b>` was left out, its words stay',
  ])
})

test('the cells of a Runme notebook keep their names, folders and terminals', () => {
  const result = imported('runme.md')
  const runbook = runbookOf(result)
  expect(result).toMatchObject({ format: 'Runme', steps: 3 })
  expect(
    runbook.steps.map(({ title, attributes }) => [title, attributes['cwd']?.value, attributes['tty']?.value]),
  ).toEqual([
    ['install-tools', 'app', true],
    ['count', 'app', undefined],
    ['Release (2 of 2)', 'app', undefined],
  ])
  expect(result.text).toContain('```bash example\nnpm run deploy')
  expect(placed(result)).toEqual([
    '1 the frontmatter field `skipPrompts` has no meaning in a runbook and was left out',
    '8 `terminalRows` of the cell was left out',
    '12 a cell with `excludeFromRunAll` was marked `example`: a run has all steps',
  ])
})

test('the options of a rundown document become inputs, and only the scripts that it runs are steps', () => {
  const result = imported('rundown.md')
  const runbook = runbookOf(result)
  expect(result).toMatchObject({ format: 'rundown', steps: 1 })
  expect(runbook.steps[0]).toMatchObject({ title: 'Tagging' })
  expect(runbook.steps[0]?.fences[0]?.code).toContain(
    'export VERSION="$version"\nexport OPT_STYLE="$style"\n',
  )
  expect(runbook.meta.inputs).toMatchObject({
    version: { type: 'string' },
    style: { type: 'choice', default: 'quick' },
  })
  expect(result.text).toContain('```bash example\ngit push --force')
  expect(result.text).toContain('```bash example\necho later')
  expect(result.notes.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      'rundown runs the sections that are named; here a run has all steps, in order',
      '`capture-env` was left out: variables reach no later step, each is a process of its own',
      '`<r stop-ok>` was left out: `stop-ok` has no counterpart',
    ]),
  )
})

test('a Rundown runbook keeps each of its steps, and another way to go on is said', () => {
  const result = imported('steps.runbook.md')
  const runbook = runbookOf(result)
  expect(result).toMatchObject({ format: 'rundown', steps: 5, byHand: 3 })
  expect(runbook.meta).toMatchObject({ title: 'Restore the orders' })
  expect(stepsOf(runbook)).toEqual([
    'command look-at-the-copies',
    'command load-it',
    'checklist the-shop',
    'checklist the-warehouse',
    'checklist check-look-at-the-shop',
  ])
  expect(codeOf(runbook, 'load-it')).toBe('restore --newest')
  expect(runbook.steps[1]?.attributes['retries']).toMatchObject({ value: 3 })
  expect(result.text).toContain('- [ ] Say in the channel that \\{it} is back.')
  expect(result.text).toContain('- [ ] Run tell-warehouse.runbook.md')
  expect(result.text).toContain('```text example\nIs the last order there?')
  const below = 'was left out: the run goes on with the step below, and a failure stops it'
  expect(placed(result)).toEqual([
    `25 \`PASS GOTO CHECK\` ${below}`,
    '32 `DELEGATE` of the step was left out',
    '33 `FOR` of the step was left out',
    `47 \`NO GOTO 2\` ${below}`,
  ])
})

test('a placeholder of an address is text, and a link whose scheme is encoded leads there', () => {
  const text = '# See http://HOST:PORT\n\n[badge](https%3A%2F%2Fexample.com%2Fx)\n\n```sh\ntrue\n```\n'
  const result = imported('page.md', text)
  runbookOf(result)
  expect(result.text).toContain('# See `http://HOST:PORT`')
  expect(result.text).toContain('[badge](https://example.com/x)')
})

test('a document of another format is not imported, and one that is damaged says where', () => {
  const other = (file: string, text: string): unknown =>
    importDocument({
      bytes: Buffer.from(text),
      file,
      name: 'T',
      readdress: (url) => ({ url }),
      readFile: () => undefined,
    })
  expect(other('values.yaml', 'replicas: 3\n')).toBeUndefined()
  expect(other('package.json', '{"jobs": {"a": 1}}')).toBeUndefined()
  expect(other('own.mdx', '<Command id="a" title="A">\n\n```bash\ntrue\n```\n\n</Command>\n')).toBeUndefined()
  expect(other('ci.yml', 'jobs:\n  a: [\n')).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining('Line ') as string },
  })
})
