from collections.abc import Iterator
from pathlib import Path

import pytest

from flask_magic.pages import driver
from flask_magic.pages.driver import PageKernel
from flask_magic.pages.errors import PageError
from pages.conftest import cell


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageKernel]:
    with PageKernel(tmp_path_factory.mktemp("pages"), timeout=20) as running:
        yield running


def text_of(outputs: list[dict[str, object]]) -> str:
    return "".join(str(output.get("text", "")) for output in outputs)


def test_the_kernel_gets_id_and_metadata_as_from_jupyterlab(kernel: PageKernel) -> None:
    source = "meta = get_ipython().kernel.get_parent()['metadata']; print(meta['cellId'], meta['exercise'])"
    shown = kernel.run(cell(source, exercise={"name": "loan"}))
    assert text_of(shown.outputs) == "a-cell {'name': 'loan'}\n"


def test_the_kernel_works_in_the_folder_of_the_page(kernel: PageKernel) -> None:
    shown = kernel.run(cell("import os; print(os.getcwd())"))
    assert text_of(shown.outputs).strip() == str(kernel.folder)


def test_another_source_runs_in_the_place_of_the_cells(kernel: PageKernel) -> None:
    assert text_of(kernel.run(cell("print(1)"), "print(2)").outputs) == "2\n"


def test_a_stream_is_one_output_and_a_result_has_its_count(kernel: PageKernel) -> None:
    shown = kernel.run(cell("print(1, flush=True); print(2, flush=True); 3"))
    stream, result = shown.outputs
    assert stream == {"output_type": "stream", "name": "stdout", "text": "1\n2\n"}
    assert result["data"] == {"text/plain": "3"}
    assert result["execution_count"] == shown.count


def test_an_exception_is_an_output_and_the_kernel_goes_on(kernel: PageKernel) -> None:
    error = kernel.run(cell("1 / 0")).error
    assert error
    assert error["ename"] == "ZeroDivisionError"
    assert kernel.run(cell("1")).error is None


def test_a_warning_is_an_error(kernel: PageKernel) -> None:
    error = kernel.run(cell("import warnings; warnings.warn('old', DeprecationWarning)")).error
    assert error
    assert (error["ename"], error["evalue"]) == ("DeprecationWarning", "old")


def test_displays_are_cleared_and_updated(kernel: PageKernel) -> None:
    source = """from IPython.display import clear_output, display
display(1)
clear_output()
display("a", display_id="x")
display("b", display_id="x", update=True);"""
    (output,) = kernel.run(cell(source)).outputs
    assert output["data"] == {"text/plain": "'b'"}


def test_a_cell_that_does_not_end_is_told(tmp_path: Path) -> None:
    with (
        PageKernel(tmp_path, timeout=1) as kernel,
        pytest.raises(PageError, match="did not end within 1 seconds"),
    ):
        kernel.run(cell("import time; time.sleep(30)"))


def test_a_kernel_that_dies_is_told(tmp_path: Path) -> None:
    with PageKernel(tmp_path) as kernel, pytest.raises(PageError, match="The kernel died"):
        kernel.run(cell("import os; os._exit(1)"))


def test_a_kernel_that_never_starts_is_tried_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "KERNEL", "no-such-kernel")
    kernel = PageKernel(tmp_path)
    with pytest.raises(PageError, match="did not start"), kernel:
        pass
    assert kernel.starts == driver.STARTS
