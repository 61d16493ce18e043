import { isRecord } from '../../../model/values/json.ts'
import type { DraftStep } from '../draft.ts'
import { cliName, inSingleQuotes, jqPath, jqValue, pythonValue } from './ssm-values.ts'
import type { ResolveSsm } from './ssm-values.ts'
import { textOfValue } from '../source-tree.ts'

/** A step of an Automation document, as far as an action needs it. */
interface SsmStep {
  inputs: Record<string, unknown>
  /** Outputs that the document reads: the variable, the selector, and whether it is a list. */
  outputs: { variable: string; selector: string; isList: boolean }[]
  resolve: ResolveSsm
  /** An input of the runbook for a value that people give. */
  ask(name: string, description: string): string
}

/** The part of a draft that an action decides. A string says why a person does it. */
type Action = (step: SsmStep) => Omit<DraftStep, 'id' | 'title'> | string

function bash(
  lines: readonly string[],
  attributes: DraftStep['attributes'] = {},
): Omit<DraftStep, 'id' | 'title'> {
  return { element: 'Command', attributes, fences: [{ info: 'bash', code: lines.join('\n') }] }
}

function call(service: string, api: string, input: unknown, resolve: ResolveSsm): string {
  const request = inSingleQuotes(jqValue(input, resolve))
  return `aws ${cliName(service)} ${cliName(api)} --output json --cli-input-json "$(jq -n ${request})"`
}

function without(inputs: Readonly<Record<string, unknown>>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)))
}

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

function outputLines({ outputs }: SsmStep, prefix = ''): string[] | undefined {
  const lines = outputs.map(({ variable, selector, isList }) => {
    const path = jqPath(selector.replace(/^\$\.Payload\b/, '$'))
    const program =
      path === undefined
        ? undefined
        : isList
          ? `[${prefix}${path}] | flatten | map(tostring) | join(",")`
          : `${prefix}${path}`
    return program === undefined
      ? undefined
      : `echo "${variable}=$(jq -r ${inSingleQuotes(program)} <<< "$answer")" >> "$RUNBOOK_OUTPUT"`
  })
  return lines.every((line) => line !== undefined) ? lines : undefined
}

const filter = 'a selector of an output is not a plain path'

const executeAwsApi: Action = (step) => {
  const { inputs, resolve } = step
  const [service, api] = [text(inputs['Service']), text(inputs['Api'])]
  const lines = outputLines(step)
  if (lines === undefined) return filter
  if (!/^[\w-]+$/.test(service) || !/^\w+$/.test(api))
    return 'the name of the service or the call is not fixed'
  const request = call(service, api, without(inputs, 'Service', 'Api'), resolve)
  const effect = /^(?:describe|get|list|lookup|head)/i.test(api) ? 'read' : undefined
  return bash(lines.length === 0 ? [request] : [`answer=$(${request})`, ...lines], { effect })
}

/** A wanted value, and `true` for the `True` that the documents of AWS write. */
function spellingsOf(value: unknown): unknown[] {
  return value === 'True' || value === 'False' ? [value, value.toLowerCase()] : [value]
}

/** A property with one of the wanted values: looked at once, or until it holds. */
function property(attributes: NonNullable<DraftStep['attributes']>): Action {
  return ({ inputs, resolve }) => {
    const [service, api] = [text(inputs['Service']), text(inputs['Api'])]
    const path = jqPath(text(inputs['PropertySelector']))
    const wanted = inputs['DesiredValues']
    if (path === undefined) return 'its selector is not a plain path'
    if (!Array.isArray(wanted) || service === '' || api === '')
      return 'its service, call or wanted values are not fixed'
    const request = call(
      service,
      api,
      without(inputs, 'Service', 'Api', 'PropertySelector', 'DesiredValues'),
      resolve,
    )
    const values = wanted.flatMap(spellingsOf).map((value) => `(${jqValue(value, resolve)} | tostring)`)
    const program = `[${path} | tostring] | length > 0 and all(IN(${values.join(', ')}))`
    return {
      element: 'Check',
      attributes,
      fences: [
        { info: 'bash', code: `answer=$(${request})\njq -e ${inSingleQuotes(program)} <<< "$answer"` },
      ],
    }
  }
}

const states: Readonly<Record<string, readonly [string, string]>> = {
  running: ['start-instances', 'instance-running'],
  stopped: ['stop-instances', 'instance-stopped'],
  terminated: ['terminate-instances', 'instance-terminated'],
}

const changeInstanceState: Action = ({ inputs, resolve }) => {
  const [verb, wait] = states[text(inputs['DesiredState'])] ?? []
  if (verb === undefined || wait === undefined) return 'the wanted state is not fixed'
  const ids = inSingleQuotes(jqValue({ InstanceIds: inputs['InstanceIds'] }, resolve))
  const force = textOfValue(inputs['Force']) === 'true' && verb === 'stop-instances' ? ' --force' : ''
  const act =
    textOfValue(inputs['CheckStateOnly']) === 'true'
      ? []
      : [`aws ec2 ${verb}${force} --cli-input-json "$request"`]
  return bash([`request=$(jq -n ${ids})`, ...act, `aws ec2 wait ${wait} --cli-input-json "$request"`])
}

/** Starts a call that goes on by itself, and looks until it ended. */
function followed(start: string, look: string, wanted: { good: string; busy: string }): string[] {
  return [
    `id=$(${start})`,
    'echo "started $id"',
    'while :; do',
    `  status=$(${look})`,
    '  case $status in',
    `    ${wanted.good}) break ;;`,
    `    ${wanted.busy}) sleep 5 ;;`,
    '    *) echo "ended as $status"; exit 1 ;;',
    '  esac',
    'done',
  ]
}

const runCommand: Action = ({ inputs, outputs, resolve }) => {
  if (outputs.length > 0) return 'a later step reads what the command printed on an instance'
  const kept = without(inputs, 'OutputS3BucketName', 'OutputS3KeyPrefix', 'CloudWatchOutputConfig')
  const start = `${call('ssm', 'SendCommand', kept, resolve)} --query Command.CommandId --output text`
  return bash(
    followed(
      start.replace(' --output json', ''),
      `aws ssm list-commands --command-id "$id" --query 'Commands[0].Status' --output text`,
      {
        good: 'Success',
        busy: 'Pending | InProgress | Delayed',
      },
    ),
  )
}

const executeAutomation: Action = ({ inputs, outputs, resolve }) => {
  if (outputs.length > 0) return 'a later step reads the outputs of the other document'
  const { RuntimeParameters: parameters, ...rest } = inputs
  const request = { ...rest, ...(parameters === undefined ? {} : { Parameters: parameters }) }
  const start = call('ssm', 'StartAutomationExecution', request, resolve).replace(' --output json', '')
  return bash(
    followed(
      `${start} --query AutomationExecutionId --output text`,
      `aws ssm get-automation-execution --automation-execution-id "$id" --query AutomationExecution.AutomationExecutionStatus --output text`,
      { good: 'Success', busy: 'Pending | InProgress | Waiting' },
    ),
  )
}

const stack =
  (api: string, wait: string): Action =>
  (step) => {
    const { inputs, resolve } = step
    if (step.outputs.length > 0) return 'a later step reads an output of the stack'
    const name = inSingleQuotes(jqValue(inputs['StackName'], resolve))
    return bash([
      call('cloudformation', api, inputs, resolve),
      `aws cloudformation wait ${wait} --stack-name "$(jq -nr ${name})"`,
    ])
  }

const createTags: Action = ({ inputs, resolve }) => {
  const type = text(inputs['ResourceType']) || 'EC2'
  if (type === 'EC2')
    return bash([
      call('ec2', 'CreateTags', { Resources: inputs['ResourceIds'], Tags: inputs['Tags'] }, resolve),
    ])
  const [id] = Array.isArray(inputs['ResourceIds']) ? inputs['ResourceIds'] : []
  return bash([
    call('ssm', 'AddTagsToResource', { ResourceType: type, ResourceId: id, Tags: inputs['Tags'] }, resolve),
  ])
}

const deleteImage: Action = ({ inputs, resolve }) =>
  bash([call('ec2', 'DeregisterImage', { ImageId: inputs['ImageId'] }, resolve)])

const createImage: Action = (step) => {
  const lines = outputLines(step)
  if (lines === undefined) return filter
  return bash([
    `answer=$(${call('ec2', 'CreateImage', step.inputs, step.resolve)})`,
    `image=$(jq -r .ImageId <<< "$answer")`,
    'aws ec2 wait image-available --image-ids "$image"',
    ...lines,
  ])
}

const executeScript: Action = (step) => {
  const { inputs, outputs, resolve } = step
  const runtime = text(inputs['Runtime'])
  if (!/^python3/i.test(runtime)) return `the runtime \`${runtime}\` does not run here`
  const script = text(inputs['Script'])
  if (script === '') return 'the script is an attachment'
  if (/\{\{\s*[\w.:]+\s*\}\}/.test(script))
    return 'the script contains a template, and a value never becomes part of a script'
  const handler = text(inputs['Handler']) || 'script_handler'
  const writes = outputs.map(({ variable, selector }) => {
    const names = selector
      .replace(/^\$\.?(?:Payload)?\.?/, '')
      .split('.')
      .filter((name) => name !== '')
    if (names.some((name) => !/^[\w-]+$/.test(name))) return undefined
    const read = `result${names.map((name) => `[${JSON.stringify(name)}]`).join('')}`
    return `    out.write("${variable}=" + as_text(${read}) + "\\n")`
  })
  if (writes.includes(undefined)) return filter
  const ending = [
    '',
    'import json, os',
    '',
    'def as_text(value):',
    '    if isinstance(value, list) and all(isinstance(one, str) for one in value):',
    '        return ",".join(value)',
    '    return value if isinstance(value, str) else json.dumps(value, default=str)',
    '',
    `result = ${handler}(${pythonValue(inputs['InputPayload'] ?? {}, resolve)}, {})`,
    'print(json.dumps(result, default=str))',
    ...(writes.length > 0
      ? ['with open(os.environ["RUNBOOK_OUTPUT"], "a") as out:', ...(writes as string[])]
      : []),
  ]
  return {
    element: 'Command',
    fences: [{ info: 'python', code: [script.trimEnd(), ...ending].join('\n') }],
  }
}

const sleep: Action = ({ inputs }) => {
  const [, days, hours, minutes, seconds] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text(inputs['Duration'])) ?? []
  const parts = [
    [days, 'd'],
    [hours, 'h'],
    [minutes, 'm'],
    [seconds, 's'],
  ].flatMap(([count, unit]) => (count === undefined ? [] : [`${count}${unit}`]))
  return parts.length === 0
    ? 'the duration is not fixed'
    : { element: 'Wait', attributes: { for: parts.join('') } }
}

const approve: Action = ({ inputs, ask }) => {
  const named = JSON.stringify(inputs['Approvers'] ?? [])
  const approvers = ask(
    'approvers',
    `Roles or people of people.yaml who may approve, separated by commas. The source names ${named}.`,
  )
  const least = Number(inputs['MinRequiredApprovals'] ?? 1)
  return {
    element: 'Approval',
    attributes: {
      approvers: `\${{ inputs.${approvers} }}`,
      ...(least > 1 && least <= 20 ? { min: least } : {}),
    },
    prose: [text(inputs['Message'])],
  }
}

const pause: Action = () => ({ element: 'Checklist', tasks: ['The run may go on'] })

/** The actions that have a counterpart here. */
export const ssmActions: Readonly<Record<string, Action>> = {
  'aws:approve': approve,
  'aws:assertAwsResourceProperty': property({}),
  'aws:changeInstanceState': changeInstanceState,
  'aws:createImage': createImage,
  'aws:createStack': stack('CreateStack', 'stack-create-complete'),
  'aws:createTags': createTags,
  'aws:deleteImage': deleteImage,
  'aws:deleteStack': stack('DeleteStack', 'stack-delete-complete'),
  'aws:executeAutomation': executeAutomation,
  'aws:executeAwsApi': executeAwsApi,
  'aws:executeScript': executeScript,
  'aws:pause': pause,
  'aws:runCommand': runCommand,
  'aws:sleep': sleep,
  'aws:waitForAwsResourceProperty': property({ until: '3600s', interval: '15s' }),
}

/** Inputs that an action reads and that leave no trace in the result. */
export const unreadInputs: Readonly<Record<string, readonly string[]>> = {
  'aws:approve': ['NotificationArn'],
  'aws:runCommand': ['OutputS3BucketName', 'OutputS3KeyPrefix', 'CloudWatchOutputConfig'],
  'aws:executeScript': ['Attachment'],
}

export function inputsOf(step: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return isRecord(step['inputs']) ? step['inputs'] : {}
}
