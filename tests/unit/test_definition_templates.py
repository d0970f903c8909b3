"""Template functions: what may be written, and what comes of it."""

import msgspec
import pytest

from berth.definition import (
    RenderContext,
    Unrenderable,
    has_templates,
    parse_definition,
    render_spec,
)
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import MAX_SPEC_BYTES, ContainerSpec, TemplateUses

CONTEXT = RenderContext(
    platform={
        ".ServiceID": "web",
        ".DeploymentID": "shop",
        ".DeploymentName": "Shop",
        ".PoolID": "default",
        ".ServiceSlot": "2",
        ".ContainerName": "2.web.shop",
        ".HostID": "id-1",
        ".Hostname": "h1",
        ".HostIP": "10.0.0.5",
        ".HostIPs": "eth0: 10.0.0.5, public_ip: 1.2.3.4",
        ".Task.ID": "a-1",
        ".Task.Slot": "3",
    },
    interfaces={"eth0": "10.0.0.5", "docker0": "172.17.0.1"},
    injected={"OCCS_HOSTIP": "10.0.0.5"},
    find_key={"shop/id": b"42", "odd": b"{{api_token}}"}.get,
    find_proxy=lambda service, port: f"172.17.0.1:2{service}{port}",
    find_token=lambda: "secret",
)


def text(*environment: str, more: str = "") -> str:
    """Build a stack whose service ``web`` has variables, each on a line from the sixth on."""
    lines = "".join(f"      - '{entry}'\n" for entry in environment)
    db = "  db:\n    image: mysql\n"
    return f"version: 2\nservices:\n  web:\n    image: nginx\n    environment:\n{lines}{more}{db}"


def spec_of(*environment: str, more: str = "") -> ContainerSpec:
    return parse_definition(text(*environment, more=more)).services[0].container


def rendered(*environment: str, more: str = "") -> dict[str, str]:
    """The variables of ``web`` in its container."""
    return dict(render_spec(spec_of(*environment, more=more), CONTEXT).environment)


def problems(*environment: str, more: str = "") -> list[tuple[int, str]]:
    with pytest.raises(DefinitionInvalid) as raised:
        parse_definition(text(*environment, more=more))
    return [(problem.line, problem.message) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("{{api_token}}", "secret"),
        ('{{proxy "db:3306"}}', "172.17.0.1:2db3306"),
        ('{{ proxy "db:3306" }}', "172.17.0.1:2db3306"),
        ('{{sd_deployment_containers_path "api" 80}}', "apps/api-shop-80/containers"),
        ('{{kv_get "shop/id"}}', "42"),
        ('{{kv_get "shop/id" "7"}}', "42"),
        ('{{kv_get "none" "7"}}', "7"),
        ('{{kv_get "none" ""}}', ""),
        ('{{hostip_for_interface .HostIPs "docker0"}}', "172.17.0.1"),
        ('{{hostip_for_interface .HostIPs "wlan0"}}', ""),
        ('{{env "OCCS_HOSTIP"}}', "10.0.0.5"),
        ('{{env "NEVER_SET"}}', ""),
        ("{{.ServiceID}}", "web"),
        ("{{.DeploymentID}}", "shop"),
        ("{{.DeploymentName}}", "Shop"),
        ("{{.PoolID}}", "default"),
        ("{{.ServiceSlot}}", "2"),
        ("{{.ContainerName}}", "2.web.shop"),
        ("{{.HostID}}", "id-1"),
        ("{{.Hostname}}", "h1"),
        ("{{.HostIP}}", "10.0.0.5"),
        ("{{.HostIPs}}", "eth0: 10.0.0.5, public_ip: 1.2.3.4"),
        ("a {{.HostIP}}:{{.ServiceSlot}} z", "a 10.0.0.5:2 z"),
        ('{"a":{"b":{{.ServiceSlot}}}}', '{"a":{"b":2}}'),
        ("{{.Service.ID}}/{{.Service.Name}}", "web/web"),
        ("{{.Node.ID}}/{{ .Node.Hostname }}", "id-1/h1"),
        ("{{.Task.ID}}/{{.Task.Name}}/{{.Task.Slot}}", "a-1/2.web.shop/3"),
        ('{{"{{"}} .HostIP }}', "{{ .HostIP }}"),
        ('{{ "a \\"b\\" {{c}}" }}', 'a "b" {{c}}'),
        ("{{{.ServiceSlot}}}", "{2}"),
        (r'{{kv_get "none" "say \"}}\" \\"}}', 'say "}}" \\'),
    ],
)
def test_each_function_gives_what_the_table_says(template: str, result: str) -> None:
    assert rendered(f"OCCS_X={template}")["OCCS_X"] == result


@pytest.mark.parametrize(
    "value",
    [
        "sensors/{{ .Device }}/up",
        "{{.Name}}",
        "{{range .Items}}{{.}}{{end}}",
        "${{ env.HOME }}",
        "{{{ 10 }}}",
        "{{ open",
        "{{}}",
        '{{"a": {{"b": 1}}}}',
        "{% if a %}{{ a|upper }}{% endif %}",
    ],
)
def test_braces_of_some_other_program_are_passed_on_as_they_stand(value: str) -> None:
    assert rendered(f"OCCS_X={value}") == {"OCCS_X": value}
    more = f"    labels:\n      x: '{value}'\n    command: ['{value}']\n"
    spec = spec_of("OCCS_X=1", more=more)
    assert (spec.labels, spec.command) == ((("x", value),), (value,))
    assert not has_templates(spec)


def test_braces_of_some_other_program_do_not_excuse_a_wrong_value() -> None:
    ((_, message),) = problems("A=1", more="    hostname: '{{ .Name }}'\n")
    assert "is not valid here" in message


def test_a_command_is_split_inside_braces_of_some_other_program() -> None:
    spec = spec_of("A=1", more='    command: run {{ .Name }} {{kv_get "a b"}}\n')
    assert spec.command == ("run", "{{", ".Name", "}}", '{{kv_get "a b"}}')


def test_a_variable_reads_others_of_its_container_and_injected_ones() -> None:
    variables = rendered(
        'B={{env "A"}}!', 'A={{.ServiceSlot}}', 'OCCS_HOSTIP=x{{env "OCCS_HOSTIP"}}'
    )  # fmt: skip
    assert variables == {"B": "2!", "A": "2", "OCCS_HOSTIP": "x10.0.0.5"}


def test_a_result_is_not_read_as_a_template_again() -> None:
    assert rendered('A={{kv_get "odd"}}') == {"A": "{{api_token}}"}


def test_quotes_of_a_function_may_stand_escaped_in_a_command() -> None:
    more = """    command: 'sh -c "wget {{proxy \\"db:3306\\"}}"'\n"""
    spec = render_spec(spec_of("A=1", more=more), CONTEXT)
    assert spec.command == ("sh", "-c", "wget 172.17.0.1:2db3306")


@pytest.mark.parametrize("value", ["{{kv_get}}", '{{env "A"}}'])
def test_a_text_that_should_never_have_been_kept_only_blocks_its_container(value: str) -> None:
    with pytest.raises(Unrenderable):
        render_spec(ContainerSpec(image="x", environment=(("A", value),)), CONTEXT)


def test_every_text_of_a_service_is_rendered() -> None:
    more = (
        "    command: [run, '{{.ServiceSlot}}']\n"
        "    hostname: 'h-{{.ServiceSlot}}'\n"
        "    labels: {where: '{{.Hostname}}'}\n"
        "    volumes: ['/data/{{.DeploymentID}}:/data']\n"
        "    extra_hosts: ['db:{{.HostIP}}']\n"
    )
    spec = render_spec(spec_of("A=1", more=more), CONTEXT)
    assert (spec.command, spec.hostname) == (("run", "2"), "h-2")
    assert (spec.labels, spec.mounts[0].source) == ((("where", "h1"),), "/data/shop")
    assert spec.extra_hosts == ("db:10.0.0.5",)


def test_the_engines_own_functions_in_log_options_are_left_to_it() -> None:
    more = (
        "    logging: {driver: syslog, options: {tag: '{{.Name}}/{{.DeploymentID}}/{{json .}}'}}\n"
    )
    spec = render_spec(spec_of("A=1", more=more), CONTEXT)
    assert spec.log is not None
    assert dict(spec.log.options)["tag"] == "{{.Name}}/shop/{{json .}}"


def test_a_missing_key_without_a_default_has_no_result() -> None:
    with pytest.raises(Unrenderable, match="the key 'none' does not exist"):
        rendered('A={{kv_get "none"}}')


@pytest.mark.parametrize("template", ['{{kv_get "large"}}', "{{.HostIPs}}"])
def test_functions_that_give_more_than_a_host_can_be_told_have_no_result(template: str) -> None:
    large = msgspec.structs.replace(
        CONTEXT,
        find_key=lambda name: b"x" * (MAX_SPEC_BYTES // 3),
        platform={**CONTEXT.platform, ".HostIPs": "x" * (MAX_SPEC_BYTES // 3)},
    )
    render_spec(spec_of(f"A={template * 3}"), large)
    with pytest.raises(Unrenderable, match="exceed 2 MiB together"):
        render_spec(spec_of(f"A={template * 2}", f"B={template * 2}"), large)


def test_variables_that_double_each_other_end_before_they_are_large() -> None:
    twice = [(f"V{n}", f'{{{{env "V{n - 1}"}}}}' * 2) for n in range(1, 40)]
    spec = ContainerSpec(image="x", environment=(("V0", "0123456789"), *twice))
    with pytest.raises(Unrenderable, match="together"):
        render_spec(spec, CONTEXT)


def test_a_service_that_its_aliases_make_too_large_is_refused() -> None:
    anchor = f"    labels: {{a: &long {'x' * 250_000}}}\n"
    more = anchor + "    command: [" + "*long ," * 6 + "]\n"
    assert len(spec_of("A=1", more=more).command or ()) == 6
    more = anchor + "    command: [" + "*long ," * 9 + "]\n"
    assert problems("A=1", more=more)[0][1].startswith("the service is larger than 2 MiB")


def test_a_service_tells_what_its_functions_need() -> None:
    entries = (
        'A={{kv_get "b"}}{{kv_get "a" "x"}}', 'B={{proxy "db:3306"}}', "C={{api_token}}",
    )  # fmt: skip
    web, db = parse_definition(text(*entries)).services
    assert web.uses == TemplateUses(
        needs_keys=("b",), reads_keys=("a", "b"), proxies=("db:3306",), shows_token=True
    )
    assert db.uses == TemplateUses()


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{first_or_sleep}}", 'unknown template function "first_or_sleep"'),
        ("{{.ContainerID}}", 'unknown template function ".ContainerID"'),
        ("{{host_port 80}}", 'unknown template function "host_port"'),
        ("{{API_TOKEN}}", 'unknown template function "API_TOKEN"'),
        ("{{api_token 1}}", "wrong arguments"),
        ("{{proxy}}", "wrong arguments"),
        ('{{proxy "db"}}', "wrong arguments"),
        ('{{proxy "db:70000"}}', "wrong arguments"),
        ('{{proxy "other:80"}}', "not a service of this text"),
        ('{{sd_deployment_containers_path "api" "80"}}', "wrong arguments"),
        ("{{kv_get key}}", "wrong arguments"),
        ('{{kv_get ""}}', "a key must have"),
        ('{{kv_get "a" "b" "c"}}', "wrong arguments"),
        ('{{hostip_for_interface .HostIP "eth0"}}', "wrong arguments"),
        ("{{.HostIP 1}}", "takes no arguments"),
        ('{{kv_get {{env "A"}}}}', "cannot stand inside another"),
        ("{{api_token", "end it with }}"),
        ("{{kv_get`a`}}", "is not understood"),
        ("{{kv_gett}}", "use kv_get"),
        ("{{.HostName}}", "use .Hostname"),
        ("{{.Node.Platform.OS}}", ".Node.Hostname"),
        ("{{.Task.Slot 1}}", "takes no arguments"),
    ],
)
def test_what_is_no_function_of_the_table_is_an_error_with_its_line(
    template: str, words: str
) -> None:
    ((line, message),) = problems("A=1", f"OCCS_X={template}")
    assert line == 7
    assert words in message


def test_a_problem_in_a_block_of_text_names_the_line_inside_it() -> None:
    more = "    command: |\n      one\n      two {{kv_get}}\n"
    ((line, _),) = problems("A=1", more=more)
    assert line == 9


@pytest.mark.parametrize(
    "entries",
    [
        ('A={{env "A"}}',),
        ('A={{env "B"}}', 'B={{env "A"}}'),
        ('A={{env "B"}}', 'B={{env "C"}}', 'C={{env "A"}}'),
    ],
)
def test_variables_that_need_each_other_are_an_error(entries: tuple[str, ...]) -> None:
    ((_, message),) = problems(*entries)
    assert "refer to each other" in message


def test_directives_and_constraints_never_reach_the_container() -> None:
    variables = rendered(
        "occs:availability=per-host", "OCCS:scheduler=random", "berth:description=x",
        "stackengine:availability=per-host", "constraint:hostname==h1", "occs:unknown=1", "A=1",
    )  # fmt: skip
    assert variables == {"A": "1"}


def test_the_report_tells_that_nothing_listens_at_a_proxy_yet() -> None:
    text = """services:
  web:
    image: nginx
    environment: ['DB={{proxy "db:3306"}}', 'KEY={{kv_get "a" "b"}}']
  db: {image: mysql}
"""
    (entry,) = parse_definition(text).report
    assert (entry.line, entry.field, entry.outcome) == (
        4,
        "services.web.environment.0",
        "ignored",
    )
    assert entry.reason.startswith("nothing listens yet at the address that proxy gives")
