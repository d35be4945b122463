"""SQLAlchemy models, defined again and again."""

import pytest
from notebook_shell import Notebook
from sqlalchemy.exc import ArgumentError, NoForeignKeysError

DB = """
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
class Base(DeclarativeBase): pass
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app, model_class=Base)
"""
TOOL = """
class Tool(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    loans: Mapped[list["Loan"]] = relationship(back_populates="tool")
    {more}
"""
LOAN = """
class Loan(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    tool: Mapped["Tool"] = relationship(back_populates="loans")
    {more}
"""
USE = """
with app.app_context():
    db.drop_all()
    db.create_all()
    db.session.add(Tool(name="drill", loans=[Loan(), Loan()]))
    db.session.commit()
    found = db.session.scalars(select(Tool)).one()
    seen = (found.name, len(found.loans), found.loans[0].tool is found)
"""


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A notebook with an app, a database and two related models."""
    notebook.run("import flask\napp = flask.Flask(__name__)", "app")
    notebook.run(DB, "db")
    notebook.run(TOOL.format(more=""), "tool")
    notebook.run(LOAN.format(more=""), "loan")
    return notebook


def works(shop: Notebook) -> bool:
    """Rows of both models can be written, read and followed."""
    shop.run(USE, "use")
    return bool(shop.ns["seen"] == ("drill", 2, True))


@pytest.mark.parametrize("cell", ["tool", "loan"])
def test_a_model_is_defined_again(shop: Notebook, cell: str) -> None:
    assert works(shop)
    for _ in range(3):
        shop.run({"tool": TOOL, "loan": LOAN}[cell].format(more=""), cell)
        assert works(shop)
    assert sorted(shop.ns["db"].metadata.tables) == ["loan", "tool"]


def test_before_the_mappers_were_configured(shop: Notebook) -> None:
    shop.run(TOOL.format(more=""), "tool")
    shop.run(LOAN.format(more=""), "loan")
    assert works(shop)


def test_a_new_column_is_there(shop: Notebook) -> None:
    assert works(shop)
    shop.run(TOOL.format(more="shelf: Mapped[str] = mapped_column(default='N-04')"), "tool")
    assert works(shop)
    assert "shelf" in shop.ns["db"].metadata.tables["tool"].columns


def test_a_cell_that_defines_and_uses_its_model_at_once(shop: Notebook) -> None:
    source = TOOL.format(more="") + USE
    for _ in range(2):
        shop.run(source, "tool")
        assert shop.ns["seen"] == ("drill", 2, True)


def test_a_failed_cell_leaves_the_old_models_in_use(shop: Notebook) -> None:
    assert works(shop)
    old = shop.ns["Tool"], shop.ns["Loan"]
    shop.fails(TOOL.format(more="shelf: Mapped[str]") + "\n1/0", ZeroDivisionError, cell_id="tool")
    assert (shop.ns["Tool"], shop.ns["Loan"]) == old
    assert "shelf" not in shop.ns["db"].metadata.tables["tool"].columns
    assert works(shop)
    shop.run(TOOL.format(more=""), "tool")
    assert works(shop)


def test_a_failed_class_statement_leaves_no_table(shop: Notebook) -> None:
    bad = "class Review(db.Model):\n    text: Mapped[str]"
    shop.fails(bad, ArgumentError, cell_id="review")
    shop.run(bad.replace("text: Mapped[str]", "id: Mapped[int] = mapped_column(primary_key=True)"), "review")
    assert works(shop)
    assert "review" in shop.ns["db"].metadata.tables


def test_many_to_many_with_a_table_of_another_cell(shop: Notebook) -> None:
    table = (
        "from sqlalchemy import Column\n"
        "tagged = db.Table('tagged', Column('tool_id', ForeignKey('tool.id')), Column('tag_id', ForeignKey('tag.id')))"
    )
    tag = (
        "class Tag(db.Model):\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
        "    tools: Mapped[list['Tool']] = relationship(secondary='tagged', backref='tags')"
    )
    shop.run(table, "table")
    shop.run(tag, "tag")
    for cell, source in (
        ("tool", TOOL.format(more="")),
        ("tag", tag),
        ("table", table),
        ("tool", TOOL.format(more="")),
    ):
        shop.run(source, cell)
        assert works(shop), cell
        shop.run(
            "with app.app_context():\n    t = db.session.get(Tool, 1)\n    t.tags.append(Tag())\n    n = len(t.tags)",
            "n",
        )
        assert shop.ns["n"] == 1, cell


def test_a_subclass_is_defined_again_with_its_parent(shop: Notebook) -> None:
    parent = (
        "class Member(db.Model):\n    id: Mapped[int] = mapped_column(primary_key=True)\n    kind: Mapped[str]\n"
        "    __mapper_args__ = {'polymorphic_on': 'kind', 'polymorphic_identity': 'member'}"
    )
    child = "class Clerk(Member):\n    __mapper_args__ = {'polymorphic_identity': 'clerk'}"
    shop.run(parent, "member")
    shop.run(child, "clerk")
    for cell, source in (("member", parent), ("clerk", child), ("member", parent)):
        shop.run(source, cell)
        assert issubclass(shop.ns["Clerk"], shop.ns["Member"]), cell
        assert works(shop), cell


def test_the_cell_of_db_again_names_the_cells_left_behind(shop: Notebook) -> None:
    assert works(shop)
    said = shop.run(DB, "db")
    assert "class Tool(db.Model):" in said.text
    assert "--rerun" in said.text
    shop.run("%flask_app --rerun", "rerun")
    assert works(shop)


def test_a_model_that_was_wrong_is_mended_with_those_that_refer_to_it(shop: Notebook) -> None:
    trip = "class Trip(db.Model):\n    id: Mapped[int] = mapped_column(primary_key=True)\n    bike_id: Mapped[int]{key}"
    shop.run(
        "class Bike(db.Model):\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
        "    trips: Mapped[list['Trip']] = relationship()",
        "bike",
    )
    shop.run(trip.format(key=""), "trip")
    shop.fails("Bike()", NoForeignKeysError)
    shop.run("from sqlalchemy import ForeignKey\n" + trip.format(key=" = mapped_column(ForeignKey('bike.id'))"), "trip")
    assert shop.run("Bike(trips=[Trip()]).trips[0].bike_id is None").result is True
