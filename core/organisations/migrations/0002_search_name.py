from django.db import migrations, models

from core.territories.domain.names import search_form


def fold_names(apps, schema_editor):
    """Fold the names that are there; a few thousand at most."""
    cpts = apps.get_model('organisations', 'Cpts')
    rows = list(cpts.objects.only('name'))
    for row in rows:
        row.search_name = search_form(row.name)[:200]
    cpts.objects.bulk_update(rows, ['search_name'], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='cpts',
            name='search_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='nom replié pour la recherche'),
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop, elidable=True),
    ]
