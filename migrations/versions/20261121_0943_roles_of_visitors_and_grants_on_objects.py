"""Roles of visitors, grants to members directly and for single objects; roles ordered alike everywhere.

Every group that has roles gets the two of its visitors, and who could see its members still can.

Revision f427279a3d89, after ed8ca38d8911; made 2026-11-21 09:43:39.111261+00:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "f427279a3d89"
down_revision = "ed8ca38d8911"
branch_labels = None
depends_on = None

READ, SEE_MEMBERS = "group.read", "group.see_members"
VISITORS = ("anonymous", "loggedin")

roles = sa.table(
    "roles",
    sa.column("role_id"),
    sa.column("scope"),
    sa.column("kind"),
    sa.column("group_id"),
    sa.column("name"),
    sa.column("description"),
)
role_permissions = sa.table(
    "role_permissions",
    sa.column("role_id"),
    sa.column("permission"),
    sa.column("object_kind"),
    sa.column("object_id"),
)


def _collate(collation: str) -> None:
    """Set the collation of the names that roles are ordered by; SQLite has no other."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f'ALTER TABLE roles ALTER COLUMN name TYPE VARCHAR(64) COLLATE "{collation}"')


def _add_visitors() -> None:
    for kind in VISITORS:
        of_groups = sa.select(
            sa.literal("group"),
            sa.literal(kind),
            roles.c.group_id,
            sa.literal(kind),
            sa.literal(""),
        ).where(roles.c.group_id.is_not(None), roles.c.kind == "member")
        names = ["scope", "kind", "group_id", "name", "description"]
        op.execute(roles.insert().from_select(names, of_groups.distinct()))


def _let_members_be_seen() -> None:
    """Everybody saw them before; what implies seeing the group is not stored beside it any more."""
    has_read = sa.select(role_permissions.c.role_id).where(role_permissions.c.permission == READ)
    seeing = sa.select(
        roles.c.role_id, sa.literal(SEE_MEMBERS), sa.literal(""), sa.literal(0)
    ).where(
        sa.or_(
            roles.c.kind == "anonymous",
            sa.and_(roles.c.scope == "group", roles.c.role_id.in_(has_read)),
        )
    )
    names = ["role_id", "permission", "object_kind", "object_id"]
    op.execute(role_permissions.insert().from_select(names, seeing))
    sees = sa.select(sa.text("role_id")).select_from(
        sa.text(f"role_permissions AS seeing WHERE permission = '{SEE_MEMBERS}'")
    )
    op.execute(
        role_permissions.delete().where(
            role_permissions.c.permission == READ, role_permissions.c.role_id.in_(sees)
        )
    )


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "member_permissions",
        sa.Column("member_permission_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("permission", sa.String(length=255), nullable=False),
        sa.Column("object_kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.group_id"],
            name=op.f("fk_member_permissions_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
            name=op.f("fk_member_permissions_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_permission_id", name=op.f("pk_member_permissions")),
        sa.UniqueConstraint(
            "group_id",
            "user_id",
            "permission",
            "object_kind",
            "object_id",
            name="uq_member_permissions_grant",
        ),
    )
    with op.batch_alter_table("member_permissions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_permissions_object_kind_object_id"),
            ["object_kind", "object_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_member_permissions_user_id"), ["user_id"], unique=False
        )

    with op.batch_alter_table("role_permissions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("object_kind", sa.String(length=32), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("object_id", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.drop_constraint(
            batch_op.f("uq_role_permissions_role_id_permission"), type_="unique"
        )
        batch_op.create_unique_constraint(
            "uq_role_permissions_grant", ["role_id", "permission", "object_kind", "object_id"]
        )
    with op.batch_alter_table("role_permissions", schema=None) as batch_op:
        batch_op.alter_column("object_kind", server_default=None)
        batch_op.alter_column("object_id", server_default=None)
        batch_op.create_index(
            batch_op.f("ix_role_permissions_object_kind_object_id"),
            ["object_kind", "object_id"],
            unique=False,
        )

    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=16), nullable=False, server_default="member")
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_roles_kind"), "kind IN ('member', 'anonymous', 'loggedin')"
        )
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.alter_column("kind", server_default=None)
        batch_op.create_index(
            "uq_roles_site_name",
            ["name"],
            unique=True,
            sqlite_where=sa.text("group_id IS NULL"),
            postgresql_where=sa.text("group_id IS NULL"),
        )
    _collate("C")
    _add_visitors()
    _let_members_be_seen()


def downgrade() -> None:
    """Bring the tables back to the revision before; what was for visitors or single objects is lost."""
    op.execute(roles.delete().where(roles.c.kind != "member"))
    op.execute(
        role_permissions.update()
        .where(role_permissions.c.permission == SEE_MEMBERS)
        .values(permission=READ)
    )
    op.execute(role_permissions.delete().where(role_permissions.c.object_kind != ""))
    op.execute(
        "DELETE FROM role_permissions WHERE role_id NOT IN (SELECT role_id FROM roles)"
    )  # foreign keys are off while SQLite migrates
    _collate("default")
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.drop_index("uq_roles_site_name")
        batch_op.drop_constraint(batch_op.f("ck_roles_kind"), type_="check")
        batch_op.drop_column("kind")

    with op.batch_alter_table("role_permissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_permissions_object_kind_object_id"))
        batch_op.drop_constraint("uq_role_permissions_grant", type_="unique")
        batch_op.drop_column("object_id")
        batch_op.drop_column("object_kind")
        batch_op.create_unique_constraint(
            batch_op.f("uq_role_permissions_role_id_permission"), ["role_id", "permission"]
        )

    op.drop_table("member_permissions")
