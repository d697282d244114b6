"""A person who signs in, by e-mail.

The model is ours from the first migration: replacing Django's own later would mean rewriting every
foreign key to it.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

_TAKEN = "Cette adresse électronique a déjà un compte."


class UserManager(DjangoUserManager["User"]):
    """Creates people from an e-mail address instead of a user name."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the address in lower case: people are looked for by it, as they type it."""
        return super().normalize_email(email).lower()

    def at_address(self, email: str) -> "User | None":
        """Return the person of this address, in whatever case it is written; None for nobody."""
        return self.alias(folded=Lower("email")).filter(folded=email.lower()).first()

    def create_user(  # type: ignore[override]  # there is no user name
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create a person; raises ValueError without an e-mail address."""
        return self._create(email, password, **fields)

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create a platform administrator."""
        return self._create(email, password, is_staff=True, is_superuser=True, **fields)

    def _create(self, email: str, password: str | None, **fields: Any) -> "User":
        if not email:
            raise ValueError("Une adresse électronique est nécessaire.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """A person who signs in; roles are held elsewhere, one person may have several."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("adresse électronique", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email_unique_ci",
                violation_error_message=_TAKEN,
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def unique_error_message(
        self, model_class: type[models.Model], unique_check: Sequence[str]
    ) -> ValidationError:
        """Say that an address is taken in the same words, whichever of the two rules finds it."""
        if tuple(unique_check) == ("email",):
            return ValidationError(_TAKEN, code="unique")
        return super().unique_error_message(model_class, unique_check)
