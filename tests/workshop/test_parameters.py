import pytest

from flask_magic.pages.notebook import Notebook
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.parameters import Parameter, parameters_of, read_parameters


def test_types_come_from_the_annotation_or_the_default() -> None:
    source = "# for the cohort\na: float = 1  # a price\nb = 'x'\nc = -2\nd: str | None = None\ne = [1, 2]\nf = True"
    assert [(one.name, one.type, one.default) for one in read_parameters(source)] == [
        ("a", "float", 1),
        ("b", "str", "x"),
        ("c", "int", -2),
        ("d", "str | None", None),
        ("e", "list", [1, 2]),
        ("f", "bool", True),
    ]


def test_the_first_workshop_has_these(first: Notebook) -> None:
    assert [(one.name, one.type) for one in parameters_of(first)] == [
        ("participant", "str"),
        ("theme", "str"),
        ("seed", "int"),
        ("n_items", "int"),
        ("now", "str"),
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a = ", "The parameters cell is not Python: line 1: "),
        ("a = 1\nimport os", "Line 2 of the parameters cell, `import os`, is no parameter. Write: name: type = value"),
        ("a: int", "Line 1 of the parameters cell, `a: int`, is no parameter."),
        ("a = b = 1", "is no parameter."),
        ("a.b = 1", "is no parameter."),
        ("a += 1", "is no parameter."),
        ("print('run')", "is no parameter."),
        ("a = open('x')", "The value in line 1 of the parameters cell, `a = open('x')`, has to be run to be known."),
        ("a = f'{1}'", "has to be run to be known."),
        ("a = 1\nb = 2\na: int = 3", "Line 3 of the parameters cell sets `a` again."),
    ],
)
def test_what_is_no_parameter_is_refused_with_its_line(source: str, message: str) -> None:
    with pytest.raises(WorkshopError) as caught:
        read_parameters(source)
    assert message in caught.value.message


def test_a_notebook_has_one_parameters_cell(small: Notebook) -> None:
    assert parameters_of(small) == [Parameter("seed", "int", 1)]
    small["cells"].append(small["cells"][0])
    with pytest.raises(WorkshopError, match="one code cell with the tag `parameters`; this notebook has 2"):
        parameters_of(small)
    small["cells"] = [cell for cell in small["cells"] if "parameters" not in cell["metadata"].get("tags", [])]
    with pytest.raises(WorkshopError, match=r"this notebook has none\. Give the tag to the cell that sets"):
        parameters_of(small)


def test_nothing_in_the_cell_is_run() -> None:
    with pytest.raises(WorkshopError):
        read_parameters("a = __import__('sys').exit(3)")
