"""Protected fields and name search (PERFORMANCE 6 and 8): `python -m bench.protection [--rows 1000000] [--plans]`."""

import argparse
import io
import itertools
import random
import sys
import time
import uuid
from typing import Any

from bench.harness import Latency, Row, at_least, at_most, latencies, machine, rates, scratch_database, table


def encryption() -> int:
    from gmssl import func, sm3, sm4

    from config.protection.fields import ID_NUMBER
    from config.protection.keys import provider
    from config.protection.sealing import digest_many, seal_many, unseal
    from tests.protection_app.models import Person

    holder: Any = provider()
    pairs = [(uuid.uuid4(), f"{n:017}X") for n in range(20_000)]
    fields = [(number.encode(), f"protection_app_person.id_number.{pk}.v1".encode()) for pk, number in pairs]
    blobs = [(holder.encrypt("id_number", value, place), place) for value, place in fields]
    tokens = [(pk, columns.sealed) for (pk, _), columns in zip(pairs, seal_many(Person, "id_number", pairs), strict=True)]
    one_blob = b"".join(value for value, _ in fields)
    peer = sm4.CryptSM4()
    peer.set_key(b"0123456789abcdef", sm4.SM4_ENCRYPT)
    few, many = fields[:1000], len(fields)
    a_second = rates(
        {
            "encrypt": (lambda: [holder.encrypt("id_number", value, place) for value, place in fields], many),
            "sm4": (lambda: [peer.crypt_ecb(value) for value, _ in few], len(few)),
            "decrypt": (lambda: [holder.decrypt("test-2", "id_number", blob, place) for blob, place in blobs], many),
            "blob": (lambda: holder.encrypt("id_number", one_blob, b""), many),
            "digest": (lambda: [holder.digest("id_number", value) for value, _ in fields], many),
            "sm3": (lambda: [sm3.sm3_hash(func.bytes_to_list(value)) for value, _ in few], len(few)),
            "seal_many": (lambda: seal_many(Person, "id_number", pairs), many),
            "unseal": (lambda: [unseal(Person, "id_number", pk, token) for pk, token in tokens], many),
            "digest_many": (lambda: digest_many(ID_NUMBER, (number for _, number in pairs)), many),
        }
    )
    of_sm4, of_sm3 = f"gmssl SM4-ECB ({a_second['sm4']:,.0f})", f"gmssl SM3 ({a_second['sm3']:,.0f})"

    def rate(name: str) -> str:
        return f"{a_second[name]:,.0f}"

    def of(name: str, other: str) -> float:
        return a_second[name] / a_second[other]

    return table(
        "Fields of 18 octets, one process, fields a second",
        [
            at_least("SM4-GCM encrypt", rate("encrypt"), of("encrypt", "sm4"), 20, of_sm4),
            at_least("- of the limit", "", of("encrypt", "blob") * 100, 2.5, f"a hundredth of one blob ({rate('blob')})"),
            at_least("SM4-GCM decrypt", rate("decrypt"), of("decrypt", "sm4"), 20, of_sm4),
            at_least("HMAC-SM3 digest", rate("digest"), of("digest", "sm3"), 200, of_sm3),
            Row("seal_many: tidy, token, digest, mask", rate("seal_many"), f"{of('seal_many', 'encrypt'):.0%} of bare SM4-GCM"),
            Row("unseal: token to text", rate("unseal"), f"{of('unseal', 'decrypt'):.0%} of bare SM4-GCM"),
            Row("digest_many: tidy, digest, uuid", rate("digest_many"), f"{of('digest_many', 'digest'):.0%} of bare HMAC-SM3"),
        ],
    )


def fill(count: int, rng: random.Random) -> tuple[list[uuid.UUID], list[str]]:
    """A million residents by COPY, with everything a resident's row has."""
    from django.db import connection

    from config.protection.names import name_keys
    from config.protection.sealing import seal_many
    from config.protection.synthetic import synthetic_names
    from tests.protection_app.models import Person

    start = time.perf_counter()
    ids, people = [uuid.uuid4() for _ in range(count)], synthetic_names(count, rng)
    numbers = seal_many(Person, "id_number", ((pk, f"{n:017}X") for n, pk in enumerate(ids)))
    lines = (
        "\t".join([str(pk), name, *name_keys(name), *map(str, number), "", "", "", "", "", ""]) + "\n"
        for pk, name, number in zip(ids, people, numbers, strict=True)
    )
    columns = ["id", *Person.NAME_COLUMNS, *Person.id_number.columns, "phone_sealed", "phone_masked"]
    columns += ["bank_account_sealed", "bank_account_masked", "diagnosis_sealed", "diagnosis_masked"]
    with connection.cursor() as cursor:
        while batch := list(itertools.islice(lines, 50_000)):
            cursor.copy_expert(f"COPY protection_app_person ({', '.join(columns)}) FROM STDIN", io.StringIO("".join(batch)))
        cursor.execute("VACUUM ANALYZE protection_app_person")
        cursor.execute("SELECT indexrelname, pg_size_pretty(pg_relation_size(indexrelid)) FROM pg_stat_user_indexes ORDER BY 1")
        sizes = ", ".join(f"{name} {size}" for name, size in cursor.fetchall() if name.startswith("person_name"))
    print(f"\n{count:,} rows keyed, sealed and copied in {time.perf_counter() - start:.0f} s. Indexes: {sizes}")
    return ids, people


SHOWN = ("id", "name", "id_number_masked")
PAGE = 51


def terms(people: list[str], rng: random.Random) -> dict[str, list[str]]:
    """What 300 clerks type: parts, at any place, of the names of people taken at random."""
    from config.protection.names import name_keys

    three = [name for name in rng.sample(people, 1000) if len(name) == 3][:300]
    return {
        "1 character": [name[rng.randrange(3)] for name in three],
        "2 characters": [name[rng.randrange(2) :][:2] for name in three],
        "3 characters": three,
        "3 initials": [name_keys(name).initials for name in three],
    }


def search(count: int, *, plans: bool) -> int:
    from django.db import connection

    from tests.protection_app.models import Person

    rng = random.Random(7)
    ids, people = fill(count, rng)
    keys = rng.sample(ids, 300)
    by_key = Person.objects.values_list(*SHOWN)

    def first(term: Any) -> Any:
        return Person.objects.names_like(term).order_by().values_list(*SHOWN)[:PAGE]

    def ordered(term: Any) -> Any:
        return Person.objects.names_like(term).values_list(*SHOWN)[:PAGE]

    def like(term: Any) -> Any:
        return Person.objects.filter(name__contains=term).values_list(*SHOWN)

    def in_sql(statement: Any) -> None:
        cursor.execute(*statement)
        cursor.fetchall()

    rows = []
    with connection.cursor() as cursor:
        for what, asked in terms(people, rng).items():
            took = latencies(
                {
                    "key": (lambda pk: by_key.get(pk=pk), keys),
                    "key in sql": (in_sql, [by_key.filter(pk=pk).query.sql_with_params() for pk in keys]),
                    "first": (lambda term: list(first(term)), asked),
                    "first in sql": (in_sql, [first(term).query.sql_with_params() for term in asked]),
                    "ordered": (lambda term: list(ordered(term)), asked[:100]),
                    "like": (lambda term: list(like(term)), asked[:15]),
                }
            )
            rows += told(what, took)
    for term in ("英", "梓", "秀英", "王秀英", "zxf") if plans else ():
        print(f"\n{term}\n{first(term).explain(analyze=True)}")
    return table(f"Name search, {count:,} rows, median / 99th percentile", rows)


def told(what: str, took: dict[str, Latency]) -> list[Row]:
    key, key_sql, peer = took["key"].median, took["key in sql"].median, took["like"]
    first, first_sql, ordered = took["first"], took["first in sql"], took["ordered"]
    limit = f"primary key ({key:.2f} ms)"
    rows = [
        Row("- in SQL alone", str(first_sql), f"{first_sql.median / key_sql:.1f} x primary key ({key_sql:.3f} ms)"),
        Row(f"- first {PAGE} in name order", str(ordered), f"{ordered.median / key:.1f} x primary key"),
    ]
    if "character" not in what:
        return [Row(f"{what}, first {PAGE}", str(first), f"{first.median / key:.1f} x {limit}"), *rows]
    rows.append(at_least("- LIKE '%...%'", str(peer), peer.median / first.median, 100, "as long"))
    return [at_most(f"{what}, first {PAGE}", str(first), first.median / key, 3, limit), *rows]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--plans", action="store_true")
    options = parser.parse_args()
    with scratch_database("bench_protection", "protection_app"):
        print(machine())
        return min(encryption() + search(options.rows, plans=options.plans), 1)


if __name__ == "__main__":
    sys.exit(main())
