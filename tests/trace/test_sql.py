"""SQL statements, with their parameters and the lines that caused them."""

from pathlib import Path
from typing import Any

import flask
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from trace_oracle import Calls, Run, compare, run

from flask_magic.trace import Event, Outcome, Tracer, folded, sql


def library(calls: Calls, folder: Path) -> flask.Flask:
    app = flask.Flask("app", instance_path=str(folder), template_folder=str(folder), static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db: Any = SQLAlchemy(app, model_class=type("Base", (DeclarativeBase,), {}))

    class Member(db.Model):  # type: ignore[name-defined]
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        password_hash: Mapped[str | None]

    class Loan(db.Model):  # type: ignore[name-defined]
        id: Mapped[int] = mapped_column(primary_key=True)
        tool: Mapped[str]
        member_id: Mapped[int] = mapped_column(sa.ForeignKey("member.id"))

    Member.loans = relationship(Loan)
    (folder / "members.html").write_text(
        "{% for member in members %}\n{{ member.name }}: {{ member.loans|length }}\n{% endfor %}", encoding="utf-8"
    )

    @app.get("/members")
    def members() -> str:
        calls("view", "members")
        return flask.render_template("members.html", members=db.session.scalars(db.select(Member).order_by(Member.id)))

    @app.post("/members")
    def join() -> str:
        calls("view", "join")
        db.session.add(Member(name="Ada", password_hash="scrypt:1"))
        db.session.commit()
        member = db.session.scalar(db.select(Member).where(Member.password_hash == "scrypt:1"))
        db.session.execute(sa.text("UPDATE member SET name = :name WHERE id = :id"), {"name": "Bob", "id": member.id})
        db.session.rollback()
        return member.name

    @app.post("/raw")
    def raw() -> str:
        calls("view", "raw")
        connection = db.session.connection()
        rows = [(f"tool {number}", 1) for number in range(3)]
        connection.exec_driver_sql("INSERT INTO loan (tool, member_id) VALUES (?, ?)", rows)
        connection.exec_driver_sql("UPDATE member SET password_hash = ? WHERE id = ?", ("hunter2", 1))
        connection.execute(sa.text("SELECT * FROM member WHERE password_hash = :given"), {"given": "hunter3"})
        connection.execute(sa.select(Member).where(Member.id.in_(range(50)))).all()
        connection.exec_driver_sql("SELECT count(*) FROM loan")
        return "done"

    @app.get("/broken")
    def broken() -> str:
        calls("view", "broken")
        db.session.execute(sa.text("SELECT * FROM nowhere"))
        return "never"

    with app.app_context():
        db.create_all()
        db.session.add_all([Member(name=name, loans=[Loan(tool="drill")]) for name in ("Ann", "Ben", "Cid")])
        db.session.commit()
    app.extensions["closes"] = lambda: [engine.dispose() for engine in db.engines.values()]
    return app


def ran(folder: Path, *requests: Any) -> Run:
    plain, traced = (run(lambda calls: library(calls, folder), *requests, traced=one) for one in (False, True))
    for one in (plain, traced):
        with one.app.app_context():
            one.app.extensions["closes"]()
    return compare(plain, traced)


def statements(within: Event) -> list[Event]:
    return [one for one in within.walk() if one.kind == "sql"]


def test_a_lazy_load_in_a_template_names_its_line_and_a_repeated_one_is_counted(tmp_path: Path) -> None:
    seen = ran(tmp_path, "/members")
    template = seen.trace.find("template", "members.html")[0]
    # The rows come as the template asks for them, and each row's loans by a statement of their own.
    assert [event.place for event in statements(template)] == ["members.html, line 2"] * 3
    assert [event.count for event in folded(template.items)] == [3]
    view = seen.trace.find("view")[0]
    assert [event.name for event in view.items] == ["SELECT", "members.html"]
    assert view.items[0].says == ("SELECT member.id, member.name, member.password_hash FROM member ORDER BY member.id")
    assert all(event.seconds is not None for event in statements(view))


def test_parameters_are_told_and_secrets_are_not(tmp_path: Path) -> None:
    seen = ran(tmp_path, lambda client: client.post("/members"))
    told = [(event.name, dict(event.details)) for event in statements(seen.trace.find("view")[0])]
    assert told == [
        ("INSERT", {"name": "'Ada'", "password_hash": "•••"}),
        ("COMMIT", {}),
        ("SELECT", {"password_hash_1": "•••"}),
        ("UPDATE", {"name": "'Bob'", "id": "4"}),
        ("ROLLBACK", {}),
        ("SELECT", {"pk_1": "4"}),
    ]
    assert "scrypt" not in seen.shown()
    # What Flask-SQLAlchemy's teardown function does belongs to it.
    teardown = seen.trace.find("teardown_appcontext")[0]
    assert [event.name for event in statements(teardown)] == ["ROLLBACK"]


def test_statements_that_the_app_wrote_itself(tmp_path: Path) -> None:
    seen = ran(tmp_path, lambda client: client.post("/raw"))
    many, named, unnamed, long, _ = [event.details for event in statements(seen.trace.find("view")[0])]
    assert many == [("1", "'tool 0'"), ("2", "1"), ("rows", "3")]
    assert named == [("1", "•••"), ("2", "1")]
    assert unnamed == [("given", "•••")]
    assert len(long) < 25
    assert "hunter" not in seen.shown() + str([many, named, unnamed])


def test_a_statement_that_fails(tmp_path: Path) -> None:
    seen = ran(tmp_path, "/broken")
    statement = statements(seen.trace.find("view")[0])[0]
    assert (statement.outcome, statement.says) == (Outcome.RAISED, "SELECT * FROM nowhere")
    assert statement.details == [("error", "raises OperationalError: no such table: nowhere")]


def test_listening_ends_when_the_tracer_is_closed(tmp_path: Path) -> None:
    first, second = Tracer(), Tracer()
    app = library(Calls(), tmp_path)
    for tracer in (first, second):
        with tracer.trace(app) as trace:
            app.test_client().get("/members")
        assert len(trace.find("sql", "SELECT")) == 4
    assert event.contains(Engine, "before_cursor_execute", sql._before)
    first.close()
    assert not any(event.contains(Engine, name, listener) for name, listener in sql._LISTENERS.items())
    with second.trace(app) as trace:
        app.test_client().get("/members")
    assert len(trace.find("sql", "SELECT")) == 4
    second.close()
    second.close()
    assert not any(event.contains(Engine, name, listener) for name, listener in sql._LISTENERS.items())
    with app.app_context():
        app.extensions["closes"]()
